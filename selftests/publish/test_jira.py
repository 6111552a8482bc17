"""What is published on Jira."""

from __future__ import annotations

import base64
import json
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest

from selftests.publish.vendors import ISSUE, JIRA, a_run, bodies, jira, published
from selftests.stub import Answer, Stub

CLOUD = f'{JIRA}user_variable = "PUBLISH_USER"\n'
SERVER = f"{JIRA}api = 2\n"


def test_the_report_is_attached_as_a_file(tmp_path: Path) -> None:
    """As the field `file`, with the header without which Jira refuses it; byte for byte."""
    run = a_run(tmp_path)
    with Stub() as stub:
        jira(stub)
        told = published(run, stub.url, CLOUD)
        attached = stub.asked[0]

    assert told == ["Jira attachment: report.html on OPS-7", "Jira comment: 20002 on OPS-7"]
    assert attached.headers["x-atlassian-token"] == "no-check"
    pair = base64.b64encode(b"bot.account:the-token-nobody-may-see").decode()
    assert attached.headers["authorization"] == f"Basic {pair}"
    head = f"Content-Type: {attached.headers['content-type']}\r\n\r\n".encode()
    (part,) = BytesParser(policy=default).parsebytes(head + attached.body).iter_parts()
    assert part["content-disposition"].params["name"] == "file"
    assert part.get_filename() == f"deploycheck-stub-1.2.3-{run.name}.html"
    assert part.get_payload(decode=True) == (run / "report.html").read_bytes()


def test_cloud_gets_the_comment_as_a_document(tmp_path: Path) -> None:
    """ADF: what a target said is text in it, whatever it looks like."""
    with Stub() as stub:
        jira(stub)
        published(a_run(tmp_path, seen="{code} [link|http://x] *bold*", job_url="https://ci.test/1"), stub.url, CLOUD)
        (comment,) = bodies(stub, f"{ISSUE.format(3)}/comment")

    document = comment["body"]
    assert (document["type"], document["version"]) == ("doc", 1)
    assert document["content"][0]["content"][0]["text"].startswith("✗ NO-GO: 1.2.3")
    assert "{code} [link|http://x] *bold*" in json.dumps(document["content"])
    assert document["content"][-1]["content"][0]["marks"][0]["attrs"]["href"] == "https://ci.test/1"
    assert '"text": ""' not in json.dumps(document)  # Jira refuses an empty text


def test_server_gets_text_that_is_no_markup(tmp_path: Path) -> None:
    """And a personal access token instead of a user."""
    with Stub() as stub:
        jira(stub, 2)
        told = published(a_run(tmp_path, seen="{noformat} h1. {code}"), stub.url, SERVER)
        (comment,) = bodies(stub, f"{ISSUE.format(2)}/comment")
        assert stub.asked[0].headers["authorization"] == "Bearer the-token-nobody-may-see"

    assert told[1] == "Jira comment: 20002 on OPS-7"
    assert comment["body"].startswith("{noformat}\n✗ NO-GO")
    assert comment["body"].count("{noformat}") == 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(404, {"errorMessages": ["No such issue"], "errors": {}}), "(No such issue); expected 200 and the issue OPS-7"),
        (Answer(413, b"too large"), "answered 413; expected 200 and the issue OPS-7, a file of that size"),
        (Answer(403, {"errorMessages": [], "errors": {"file": "no permission"}}), "(no permission)"),
        (Answer(200, b"<html>log in</html>"), "with a body that is not JSON"),
        (Answer(200, []), "without an attachment's id"),
    ],
)
def test_a_refused_attachment_is_said_and_the_comment_is_made(tmp_path: Path, answer: Answer, expected: str) -> None:
    """One sentence each; a page to log in is no success, whatever its status."""
    with Stub() as stub:
        jira(stub)
        stub.told[f"{ISSUE.format(3)}/attachments"] = answer
        told = published(a_run(tmp_path), stub.url, CLOUD)

    assert told[0].startswith("Jira attachment not published: POST ")
    assert expected in told[0]
    assert told[1] == "Jira comment: 20002 on OPS-7"
