"""What is published on Slack."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from selftests.publish.vendors import CHANNEL, SLACK, a_run, bodies, published, slack
from selftests.stub import Answer, Stub


def test_a_message_and_the_file_in_its_thread(tmp_path: Path) -> None:
    """The upload takes three steps; the second goes to another address and gets no token."""
    run = a_run(tmp_path)
    with Stub() as stub:
        slack(stub)
        told = published(run, stub.url, SLACK)
        asked = {one.path: one for one in stub.asked}
        (message,) = bodies(stub, "/api/chat.postMessage")
        (finish,) = bodies(stub, "/api/files.completeUploadExternal")

    name = f"deploycheck-stub-1.2.3-{run.name}.html"
    assert told == [f"Slack message: to {CHANNEL}", f"Slack file: {name} to {CHANNEL}"]
    assert message["channel"] == CHANNEL
    assert message["text"].startswith("*✗ NO-GO: 1.2.3")
    size = (run / "report.html").stat().st_size
    assert parse_qs(asked["/api/files.getUploadURLExternal"].body.decode()) == {"filename": [name], "length": [str(size)]}
    assert asked["/upload/v1/abc"].body == (run / "report.html").read_bytes()
    assert asked["/upload/v1/abc"].query == "x=1"
    assert "authorization" not in asked["/upload/v1/abc"].headers
    assert finish == {"files": [{"id": "F1", "title": name}], "channel_id": CHANNEL, "thread_ts": "1700000000.000100"}


def test_what_a_target_said_calls_nobody(tmp_path: Path) -> None:
    """<!channel> in an error message is text."""
    with Stub() as stub:
        slack(stub)
        published(a_run(tmp_path, seen="<!channel> <@U1> <http://evil|click> & *bold*"), stub.url, SLACK)
        (message,) = bodies(stub, "/api/chat.postMessage")

    assert "&lt;!channel&gt; &lt;@U1&gt; &lt;http://evil|click&gt; &amp;" in message["text"]
    assert "*bold*" not in message["text"]


def test_a_long_story_is_cut_at_a_line(tmp_path: Path) -> None:
    """Slack advises at most 4000 characters."""
    run = a_run(tmp_path, {f"item{number}": "failed" for number in range(60)}, seen="&" * 2_000)
    with Stub() as stub:
        slack(stub)
        published(run, stub.url, SLACK)
        (message,) = bodies(stub, "/api/chat.postMessage")
    assert len(message["text"]) < 4_000
    assert message["text"].endswith("\n… more in the report\n— deploycheck")


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ({"ok": False, "error": "missing_scope", "needed": "chat:write"}, "refused: missing_scope, needed chat:write; expected ok"),
        ({"ok": False, "error": "channel_not_found"}, "refused: channel_not_found; expected ok"),
        ({"ok": False}, "no reason given"),
        ({}, "JSON without 'ok'"),
    ],
)
def test_a_refusal_with_200_is_a_refusal(tmp_path: Path, refusal: dict[str, object], expected: str) -> None:
    """The file is sent all the same, without a thread."""
    with Stub() as stub:
        slack(stub)
        stub.told["/api/chat.postMessage"] = Answer(200, refusal)
        told = published(a_run(tmp_path), stub.url, SLACK)
        (finish,) = bodies(stub, "/api/files.completeUploadExternal")

    assert told[0].startswith("Slack message not published: ")
    assert expected in told[0]
    assert told[1].startswith("Slack file: ")
    assert "thread_ts" not in finish


def test_an_upload_that_breaks_is_not_completed(tmp_path: Path) -> None:
    """An address that does not take the file; the message stands."""
    with Stub() as stub:
        slack(stub)
        stub.told["/upload/v1/abc"] = Answer(500, b"oops")
        told = published(a_run(tmp_path), stub.url, SLACK)
        assert "/api/files.completeUploadExternal" not in stub.paths()
    assert told[0] == f"Slack message: to {CHANNEL}"
    assert "answered 500; expected 200" in told[1]
