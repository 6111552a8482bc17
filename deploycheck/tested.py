"""Results of the release's own tests, from an artifact of its commit or from a folder that says whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.results import Coverage, Tests
from deploycheck.settings import Results
from deploycheck.vendors.artifacts import MAX_FILES, MAX_UNPACKED_BYTES, Artifact, OtherCommit, artifact
from deploycheck.vendors.repository import Repository
from deploycheck.vendors.result_files import chosen, coverage_of, junit_of


@dataclass(frozen=True)
class Found:
    """The files of results, whose commit they are of, and where they were."""

    source: str
    commit: str
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class TestResults:
    """What was tested; None where the results are another commit's."""

    __test__ = False  # pytest would take the name for a test's
    kind: ClassVar[str] = "facts"

    source: str
    commit: str
    tests: Tests | None = None


@dataclass(frozen=True)
class CoverageSeen:
    """How much was tested: `value` in `unit` against the least that is wanted; None where the report is another commit's."""

    kind: ClassVar[str] = "measurement"

    source: str
    commit: str
    value: float | None
    limit: float
    unit: str = "%"
    coverage: Coverage | None = None


def from_artifact(repository: Repository, name: str, commit: str) -> Found:
    """Return an artifact's files; none where there is only one of another commit.

    Raises:
        ObservationError: see `artifact`.
    """
    seen: Artifact | OtherCommit = artifact(repository, name, commit)
    if isinstance(seen, OtherCommit):
        return Found(f"the artifact {name}", seen.commit, {})
    return Found(f"the artifact {name} ({seen.run_url})", seen.commit, seen.files)


def from_folder(settings: Results, commit: str, version: str) -> Found:
    """Return a folder's files, within bounds.

    Raises:
        ObservationError: it is not there, cannot be read, holds too much, or does not say of which commit it is.
    """
    named = str(settings.folder)
    folder = Path(named.replace("{commit}", commit).replace("{version}", version)).expanduser()
    if not folder.is_dir():
        raise ObservationError(f"{folder} is not there; expected the folder of test results", blame=Blame.MISSING_DATA)
    files, size = dict[str, bytes](), 0
    try:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            size += path.stat().st_size
            if size > MAX_UNPACKED_BYTES or len(files) >= MAX_FILES:
                told = f"{folder} holds more than {MAX_FILES:,} files or {MAX_UNPACKED_BYTES:,} bytes; expected results only"
                raise ObservationError(told, blame=Blame.CONFIGURATION)
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    except OSError as trouble:
        raise ObservationError(f"{folder} cannot be read ({trouble.strerror}); expected test results", blame=Blame.CONFIGURATION) from None
    if "{commit}" in named:
        return Found(str(folder), commit, files)
    words = files.get(settings.commit_file, b"").decode("ascii", "replace").split()
    if not words:
        told = f"{folder} does not say of which commit its results are; expected it in {settings.commit_file}, or as {{commit}} in its path"
        raise ObservationError(told, blame=Blame.MISSING_DATA)
    return Found(str(folder), words[0], files)


def tests_in(found: Found, settings: Results, commit: str) -> TestResults:
    """Return what the JUnit files say.

    Raises:
        ObservationError: there is none, or one cannot be read.
    """
    if found.commit != commit:
        return TestResults(found.source, found.commit)
    return TestResults(found.source, commit, junit_of(chosen(found.files, settings.junit, found.source), found.source))


def coverage_in(found: Found, settings: Results, commit: str, least_ratio: float) -> CoverageSeen:
    """Return what the coverage report says.

    Args:
        least_ratio: the share of lines that must be exceeded, to be shown beside it.

    Raises:
        ObservationError: there is none or more than one, or it cannot be read.
    """
    if found.commit != commit or settings.coverage is None:
        return CoverageSeen(found.source, found.commit, None, 100 * least_ratio)
    seen = coverage_of(chosen(found.files, (settings.coverage,), found.source), found.source)
    return CoverageSeen(found.source, commit, round(100 * seen.ratio, 2), 100 * least_ratio, coverage=seen)
