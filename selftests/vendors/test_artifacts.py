"""Artifacts: what a store of somebody else's may answer, and what an archive may hold."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors import artifacts
from deploycheck.vendors.api import Api
from deploycheck.vendors.artifacts import Artifact, OtherCommit, artifact, unpacked
from deploycheck.vendors.repository import Repository
from selftests.stub import Answer, Asked, Stub

COMMIT, OTHER = "c" * 40, "d" * 40
RUNS = {"total_count": 1, "workflow_runs": [{"id": 1, "html_url": "u", "head_sha": COMMIT}]}
ZIP = "/repos/o/r/actions/artifacts/7/zip"


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as writing:
        for name, content in files.items():
            writing.writestr(name, content)
    return kept.getvalue()


GOOD = archive({"junit.xml": b"<testsuite/>"})


def listed(*entries: Mapping[str, object]) -> Answer:
    """Return what lists artifacts."""
    return Answer(200, {"total_count": len(entries), "artifacts": list(entries)})


def entry(**further: object) -> dict[str, object]:
    """Return an artifact as GitHub lists it."""
    usual = {"id": 7, "name": "results", "created_at": "2026-11-20T10:00:00Z", "expired": False, "workflow_run": {"head_sha": COMMIT}}
    return {**usual, **further}


def read(told: Mapping[str, object], *, store: Answer | None = None) -> Artifact | OtherCommit:
    """Return the artifact of a GitHub that answers so; `told` are answers by the path's end."""
    with Stub() as storing:
        storing.otherwise = store or Answer(200, GOOD, {"Content-Type": "application/zip"})

        def answer(asked: Asked) -> Answer:
            found = next((value for end, value in told.items() if asked.path.endswith(end)), None)
            if isinstance(found, Answer):
                return found
            usual: Mapping[str, Answer] = {
                "/actions/runs": Answer(200, RUNS),
                "/runs/1/artifacts": listed(entry()),
                "/zip": Answer(302, {}, {"Location": f"{storing.url}/store?sig=secret"}),
            }
            return next((value for end, value in usual.items() if asked.path.endswith(end)), Answer(404, {}))

        with Stub(otherwise=answer) as stub:
            http = Http(stub.url, bearer="a-token-of-ours", timeout_s=2, deadline_s=2, blame=Blame.THIRD_PARTY)
            try:
                return artifact(Repository(Api("GitHub", http, variable="GITHUB"), "o/r"), "results", COMMIT)
            finally:
                assert all("authorization" not in asked.headers for asked in storing.asked)


def test_an_artifact_is_read() -> None:
    """Of the commit's own run, whose address is told."""
    seen = read({})

    assert isinstance(seen, Artifact)
    assert (dict(seen.files), seen.commit, seen.run_url) == ({"junit.xml": b"<testsuite/>"}, COMMIT, "u")


def test_the_newest_of_several_counts() -> None:
    """A run that was repeated keeps one each time."""
    older = [entry(id=number, created_at=f"2026-11-{number}T10:00:00Z", expired=True) for number in (18, 19)]
    entries = [older[0], entry(), older[1]]

    assert isinstance(read({"/runs/1/artifacts": listed(*entries)}), Artifact)


def test_an_artifact_of_another_name_is_not_taken() -> None:
    """An older Enterprise Server lists them all."""
    entries = [entry(name="logs", id=8, created_at="2026-11-21T10:00:00Z", expired=True), entry()]

    assert isinstance(read({"/runs/1/artifacts": listed(*entries)}), Artifact)


def test_another_commit_s_artifact_is_named() -> None:
    """There are results, and they are of something else."""
    foreign = listed(entry(workflow_run={"head_sha": OTHER}))

    assert read({"/runs/1/artifacts": listed(), "/actions/artifacts": foreign}) == OtherCommit("results", OTHER)


def test_a_run_of_another_commit_is_not_looked_into() -> None:
    """Should GitHub list it all the same."""
    runs = Answer(200, {"total_count": 1, "workflow_runs": [{"id": 1, "html_url": "u", "head_sha": OTHER}]})
    foreign = listed(entry(workflow_run={"head_sha": OTHER}))

    assert isinstance(read({"/actions/runs": runs, "/actions/artifacts": foreign}), OtherCommit)


TROUBLES: list[tuple[Mapping[str, object], Answer | None, Blame, str]] = [
    ({"/runs/1/artifacts": listed(), "/actions/artifacts": listed()}, None, Blame.MISSING_DATA, "no workflow run of o/r has an artifact"),
    ({"/runs/1/artifacts": listed(entry(expired=True))}, None, Blame.MISSING_DATA, "has expired"),
    ({"/runs/1/artifacts": listed(entry(digest="sha256:00"))}, None, Blame.THIRD_PARTY, "has the digest sha256:"),
    ({"/runs/1/artifacts": listed({"name": "results"})}, None, Blame.THIRD_PARTY, "an artifact came in another shape"),
    ({"/zip": Answer(410, {"message": "gone"})}, None, Blame.THIRD_PARTY, "answered 410"),
    ({"/zip": Answer(302, {})}, None, Blame.THIRD_PARTY, "no safe address"),
    ({"/zip": Answer(302, {}, {"Location": "file:///etc/passwd"})}, None, Blame.THIRD_PARTY, "no safe address"),
    ({"/zip": Answer(302, {}, {"Location": "http://127.0.0.1:1/x?sig=secret"})}, None, Blame.THIRD_PARTY, "could not be downloaded"),
    ({}, Answer(403, {}), Blame.THIRD_PARTY, "answered 403"),
    ({}, Answer(200, b"<html>"), Blame.THIRD_PARTY, "no readable zip archive"),
    ({}, Answer(200, GOOD[:-30]), Blame.THIRD_PARTY, "no readable zip archive"),
    ({}, Answer(200, b""), Blame.THIRD_PARTY, "no readable zip archive"),
]


@pytest.mark.parametrize(("told", "store", "blame", "seen"), TROUBLES, ids=[row[3] + str(number) for number, row in enumerate(TROUBLES)])
def test_an_artifact_that_cannot_be_had(told: Mapping[str, object], store: Answer | None, blame: Blame, seen: str) -> None:
    """Is an error, and the signature of its address is in no message."""
    with pytest.raises(ObservationError, match=seen) as raised:
        read(told, store=store)

    assert raised.value.blame is blame
    assert "sig=secret" not in str(raised.value)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says of its size is believed where it is too much, and not exceeded where it is a lie."""
    monkeypatch.setattr(artifacts, "MAX_UNPACKED_BYTES", 1_000)
    with pytest.raises(ObservationError, match="expected at most"):
        unpacked(archive({"a": b"x" * 1_001}), "it")

    lying = archive({"a": b"x" * 900}).replace((900).to_bytes(4, "little"), (5).to_bytes(4, "little"))
    with pytest.raises(ObservationError, match="no readable zip archive"):
        unpacked(lying, "it")


def test_names_that_lead_outside_are_left_out() -> None:
    """Nothing of an archive is written by its name anywhere, and this keeps it so."""
    assert list(unpacked(archive({"../a": b"", "/b": b"", "c/../../d": b"", "e/f..g": b""}), "it")) == ["e/f..g"]
