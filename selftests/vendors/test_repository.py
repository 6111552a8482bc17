"""A repository: comparisons of many files and commits, large files, and answers that are none."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors.api import Api
from deploycheck.vendors.repository import MOST_FILES, Changed, Repository
from selftests.stub import Answer, Asked, Stub

BASE, HEAD = "a" * 40, "b" * 40


def commits(first: int, last: int) -> list[Mapping[str, object]]:
    """Return commits of a comparison."""
    return [{"sha": f"{number:040x}", "commit": {"message": f"Commit {number}\n\nWhy."}} for number in range(first, last)]


def files(count: int) -> list[Mapping[str, object]]:
    """Return files of a comparison."""
    return [{"filename": f"f{number}", "status": "modified", "additions": 1, "deletions": 2} for number in range(count)]


def compared(ahead: int, count: int) -> Mapping[str, object]:
    """Return a comparison's first page of 100 commits."""
    told = {"status": "ahead", "ahead_by": ahead, "behind_by": 0, "files": files(count)}
    return {**told, "commits": commits(0, min(ahead, 100))}


def tree(*paths: str, truncated: bool = False, **shas: str) -> Answer:
    """Return a tree of blobs."""
    listed = [{"path": path, "type": "blob", "sha": shas.get(path, "0")} for path in paths]
    return Answer(200, {"tree": [*listed, {"path": "folder", "type": "tree", "sha": "1"}], "truncated": truncated})


def asking(told: Mapping[str, Answer]) -> Stub:
    """Return a GitHub that answers by the path's end, or with 404."""

    def answer(asked: Asked) -> Answer:
        where = f"{asked.path}?{asked.query}"
        return next((value for part, value in told.items() if part in where), Answer(404, {"message": "Not Found"}))

    return Stub(otherwise=answer)


def repository(stub: Stub) -> Repository:
    """Return a client of it."""
    return Repository(Api("GitHub", Http(stub.url, blame=Blame.THIRD_PARTY), variable="GITHUB"), "o/r")


def test_a_comparison_of_many_commits_is_read_to_its_end() -> None:
    """The files stand on the first page only."""
    second = {"status": "ahead", "ahead_by": 150, "behind_by": 0, "commits": commits(100, 150)}
    link = {"Link": '<?page=2>; rel="next"'}
    with asking({"page=2": Answer(200, second), "/compare/": Answer(200, compared(150, 3), link)}) as stub:
        seen = repository(stub).compared(BASE, HEAD)

    assert (len(seen.commits), len(seen.files), seen.whole) == (150, 3, True)
    assert seen.commits[149] == (f"{149:040x}", "Commit 149")
    assert seen.files[0] == Changed("f0", "modified", 1, 2)


def test_a_comparison_that_lacks_commits_is_an_error() -> None:
    """Fewer in the pages than it says that there are."""
    told = {"/compare/": Answer(200, compared(150, 3))}
    with asking(told) as stub, pytest.raises(ObservationError, match="has 100 commits; expected its 150"):
        repository(stub).compared(BASE, HEAD)


def test_more_files_than_github_names_are_found_in_the_trees() -> None:
    """At 300 nobody knows whether there are more; their lines are then not counted."""
    before, after = tree("kept", "gone", "other", other="1"), tree("kept", "other", "new", other="2")
    told = {"/compare/": Answer(200, compared(1, MOST_FILES)), f"/trees/{BASE}": before, f"/trees/{HEAD}": after}
    with asking(told) as stub:
        seen = repository(stub).changed(BASE, HEAD)

    assert seen.files == (Changed("gone", "removed"), Changed("new", "added"), Changed("other", "modified"))
    assert seen.whole


def test_a_tree_that_was_cut_short_is_an_error() -> None:
    """Not a change of fewer files."""
    told = {"/compare/": Answer(200, compared(1, MOST_FILES)), "/trees/": tree("a", truncated=True)}
    with asking(told) as stub, pytest.raises(ObservationError, match="cut short"):
        repository(stub).changed(BASE, HEAD)


STATUSES = [("ahead", 0, True), ("identical", 0, True), ("diverged", 1, False), ("behind", 2, False)]


@pytest.mark.parametrize(("status", "behind", "inside"), STATUSES)
def test_what_a_commit_contains(status: str, behind: int, inside: bool) -> None:
    """By GitHub's word and its number."""
    with asking({"/compare/": Answer(200, {"status": status, "behind_by": behind})}) as stub:
        assert repository(stub).contains(HEAD, BASE) is inside


def content(text: bytes, encoding: str = "base64") -> Answer:
    """Return a file as GitHub tells it."""
    encoded = base64.encodebytes(text).decode() if encoding == "base64" else ""
    return Answer(200, {"encoding": encoding, "content": encoded, "sha": "5" * 40})


def test_a_large_file_is_read_as_a_blob() -> None:
    """Beyond 1 MB the contents are empty, which is not an empty file."""
    with asking({"/contents/": content(b"", "none"), "/git/blobs/": content("größer".encode())}) as stub:
        assert repository(stub).file("CHANGELOG.md", HEAD) == "größer"


def test_a_file_that_is_not_there_is_none_only_of_a_commit_that_is() -> None:
    """404 of both is no absent file."""
    with asking({"/commits/": Answer(200, {"sha": HEAD})}) as stub:
        assert repository(stub).file("CHANGELOG.md", HEAD) is None
    with asking({}) as stub, pytest.raises(ObservationError, match="404 says that it is absent or switched off"):
        repository(stub).file("CHANGELOG.md", HEAD)


@pytest.mark.parametrize("answer", [{}, [], None, {"encoding": "utf-8", "content": "x"}, {"encoding": "base64", "content": "x"}])
def test_a_file_of_another_shape_is_an_error(answer: object) -> None:
    """Whoever answers so is not asked for a file's absence."""
    with asking({"/contents/": Answer(200, answer)}) as stub, pytest.raises(ObservationError, match="came in another shape"):
        repository(stub).file("CHANGELOG.md", HEAD)


@pytest.mark.parametrize("answer", [{}, [], None, {**compared(1, 1), "files": [{}]}, {**compared(1, 1), "commits": [{}]}])
def test_a_comparison_of_another_shape_is_an_error(answer: object) -> None:
    """And calls the third party."""
    with asking({"/compare/": Answer(200, answer)}) as stub, pytest.raises(ObservationError, match="came in another shape") as raised:
        repository(stub).compared(BASE, HEAD)
    assert raised.value.blame is Blame.THIRD_PARTY
