"""What is published on GitHub."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deploycheck.evidence.run import read_run
from deploycheck.publish.github import marker
from deploycheck.publish.message import message
from selftests.evidence.runs import COMMIT
from selftests.publish.vendors import GITHUB, REPOSITORY, Comments, a_run, bodies, github, published
from selftests.stub import Answer, Stub

STATUS = f"{REPOSITORY}/statuses/{COMMIT}"
ONLY_COMMENT = f"{GITHUB}commit_status = false\ncomment_on = 12\n"


@pytest.mark.parametrize(
    ("outcome", "verdict", "state"),
    [
        ("passed", "keep", "success"),
        ("failed", "no-go", "failure"),
        ("failed", "roll back", "failure"),
        ("error", "incomplete", "error"),
        ("passed", "invalid", "error"),
        ("passed", "interrupted", "error"),
        ("passed", None, "error"),
    ],
)
def test_the_commit_status_is_the_verdict(tmp_path: Path, outcome: str, verdict: str | None, state: str) -> None:
    """What was not established is an error, which blocks a merge and does not say that the release is bad."""
    with Stub() as stub:
        github(stub)
        told = published(a_run(tmp_path, {"health": outcome}, verdict=verdict), stub.url, GITHUB)
        (status,) = bodies(stub, STATUS)

    assert told == [f"GitHub commit status: {state} for deploycheck/stub/postdeploy"]
    assert (status["state"], status["context"]) == (state, "deploycheck/stub/postdeploy")
    assert "target_url" not in status


def test_a_status_links_to_the_job_and_is_cut_to_140_characters(tmp_path: Path) -> None:
    """GitHub refuses a longer description."""
    run = a_run(tmp_path, {f"{'x' * 50}{number}": "failed" for number in range(9)}, job_url="https://ci.test/1")
    with Stub() as stub:
        github(stub)
        published(run, stub.url, GITHUB)
        (status,) = bodies(stub, STATUS)
        (asked,) = stub.asked

    assert status["target_url"] == "https://ci.test/1"
    assert len(status["description"]) == 140
    assert asked.headers["authorization"] == "Bearer the-token-nobody-may-see"
    assert asked.headers["x-github-api-version"] == "2022-11-28"


def test_the_newest_deployment_of_the_commit_gets_the_status(tmp_path: Path) -> None:
    """And its environment's other deployments stay as they are."""
    with Stub() as stub:
        github(stub)
        told = published(a_run(tmp_path), stub.url, f"{GITHUB}commit_status = false\ndeployment_status = true\n")
        (status,) = bodies(stub, f"{REPOSITORY}/deployments/42/statuses")
        query = stub.asked[0].query

    assert told == ["GitHub deployment status: failure for deployment 42"]
    assert f"sha={COMMIT}" in query
    assert "environment=stub" in query
    assert status["auto_inactive"] is False


def test_without_a_deployment_there_is_nothing_to_judge(tmp_path: Path) -> None:
    """It is not created: that would deploy."""
    with Stub() as stub:
        stub.told[f"{REPOSITORY}/deployments"] = Answer(200, [])
        (told,) = published(a_run(tmp_path), stub.url, f"{GITHUB}commit_status = false\ndeployment_status = true\n")
        assert [asked.method for asked in stub.asked] == ["GET"]
    assert "names no deployment of 012345670123 to stub" in told


def test_a_comment_is_made_once_and_then_updated(tmp_path: Path) -> None:
    """Also where it stands on the third page, among others, one of which quotes it."""
    run = a_run(tmp_path)
    with Stub() as stub:
        comments = Comments(stub, "hello", "> <!-- deploycheck stub 1.2.3 postdeploy -->", "a", "b")
        first = published(run, stub.url, ONLY_COMMENT)
        second = published(run, stub.url, ONLY_COMMENT)

    assert first == ["GitHub comment: new https://github.test/c/104"]
    assert second == ["GitHub comment: updated https://github.test/c/104"]
    assert len(comments.all) == 5
    assert comments.all[4]["body"].startswith("<!-- deploycheck stub 1.2.3 postdeploy -->\n# ✗ NO-GO")


def test_another_release_gets_a_comment_of_its_own(tmp_path: Path) -> None:
    """On the same issue: what was said of the last one is evidence."""
    with Stub() as stub:
        comments = Comments(stub)
        published(a_run(tmp_path), stub.url, ONLY_COMMENT)
        published(a_run(tmp_path, version="1.3.0"), stub.url, ONLY_COMMENT)
        assert len(comments.all) == 2


def test_the_pull_requests_of_the_commit_get_the_comment(tmp_path: Path) -> None:
    """Where the profile names no number."""
    with Stub() as stub:
        comments = Comments(stub)
        stub.told[f"{REPOSITORY}/commits/{COMMIT}/pulls"] = Answer(200, [{"number": 12}])
        told = published(a_run(tmp_path), stub.url, f'{GITHUB}commit_status = false\ncomment_on = "pull-request"\n')
        assert told == ["GitHub comment: new https://github.test/c/100"]
        assert len(comments.all) == 1

        stub.told[f"{REPOSITORY}/commits/{COMMIT}/pulls"] = Answer(200, [])
        (told,) = [published(a_run(tmp_path, minute=1), stub.url, f'{GITHUB}commit_status = false\ncomment_on = "pull-request"\n')]
        assert "has no pull request with the commit" in told[0]


def test_the_marker_cannot_be_broken_out_of(tmp_path: Path) -> None:
    """A stage is what somebody wrote behind -m."""
    run = read_run(a_run(tmp_path))
    run = replace(run, started={**run.started, "stage": "x --> <script>"})
    made = marker(message(run, production=False))

    assert made.count("-->") == 1
    assert "<script>" not in made


def test_the_step_summary_is_appended_and_never_larger_than_it_may_be(tmp_path: Path) -> None:
    """More than 1 MiB is not shown at all, so it is cut with a word."""
    summary, variables = tmp_path / "summary.md", {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    run = a_run(tmp_path)
    summary.write_text("before\n")
    (told,) = published(run, "http://unused.test", "", variables=variables)
    assert told.startswith("GitHub step summary: ")
    assert summary.read_text().startswith("before\n# ✗ NO-GO")

    summary.write_bytes(b"x" * (1_048_576 - 2_000))
    published(run, "http://unused.test", "", variables=variables)
    assert summary.stat().st_size <= 1_048_576
    assert summary.read_text().endswith("The rest is in the report.\n")

    summary.write_bytes(b"x" * 1_048_576)
    (told,) = published(run, "http://unused.test", "", variables=variables)
    assert told.startswith("GitHub step summary not published: the step's summary already has 1,048,576 bytes")
    assert summary.stat().st_size == 1_048_576
