"""Artifacts of a commit's workflow runs: found by the commit, downloaded within bounds, unpacked in memory."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors.api import Reading
from deploycheck.vendors.repository import PER_PAGE, Repository

MAX_ARCHIVE_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 100_000_000
MAX_FILES = 5_000
_NEEDS = "actions: read"


@dataclass(frozen=True)
class Artifact:
    """An artifact's files, by name, and where it came from. `commit` is what the run that made it was of."""

    name: str
    commit: str
    run_url: str
    sha256: str
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class OtherCommit:
    """There is no artifact of the commit, but one of another: results of something else."""

    name: str
    commit: str


def artifact(repository: Repository, name: str, commit: str) -> Artifact | OtherCommit:
    """Return the newest artifact called `name` of the workflow runs of `commit`, or whose it is where there is only another's.

    Raises:
        ObservationError: GitHub does not answer or refuses the token; no run has such an artifact; or it has expired, is not what its
            digest says, is too large, or no zip archive.
    """
    reading = repository.api.reading()
    found: list[tuple[str, int, str, Mapping[str, Any]]] = []
    for run in reading.entries(
        f"{repository.path}/actions/runs", at="workflow_runs", params={"head_sha": commit, **PER_PAGE}, needs=_NEEDS
    ):  # fmt: skip
        with reading.shaped("a workflow run"):
            identity, url, ours = int(run["id"]), str(run["html_url"]), run["head_sha"] == commit
        path = f"{repository.path}/actions/runs/{identity}/artifacts"
        for entry in reading.entries(path, at="artifacts", params={"name": name, **PER_PAGE}, needs=_NEEDS) if ours else ():
            with reading.shaped("an artifact"):
                if entry["name"] == name:
                    found.append((str(entry["created_at"]), int(entry["id"]), url, entry))
    if not found:
        return OtherCommit(name, _other(repository, reading, name, commit))
    _, identity, url, entry = max(found, key=lambda one: one[:2])
    if entry.get("expired"):
        raise reading.strange(f"the artifact {name} of {commit[:12]} has expired ({url}); expected it to be kept", Blame.MISSING_DATA)
    content = _downloaded(repository, reading, identity)
    digest = hashlib.sha256(content).hexdigest()
    if entry.get("digest") not in (None, f"sha256:{digest}"):
        raise reading.strange(f"the artifact {name} ({url}) has the digest sha256:{digest}; expected {entry['digest']}")
    return Artifact(name, commit, url, digest, unpacked(content, f"the artifact {name} ({url})"))


def _other(repository: Repository, reading: Reading, name: str, commit: str) -> str:
    """Return the commit of the newest artifact of this name.

    Raises:
        ObservationError: there is none at all.
    """
    path = f"{repository.path}/actions/artifacts"
    for entry in reading.entries(path, at="artifacts", params={"name": name, "per_page": "1"}, needs=_NEEDS):
        with reading.shaped("an artifact"):
            return str(entry["workflow_run"]["head_sha"])
    told = f"no workflow run of {repository.name} has an artifact called {name}; expected one of {commit[:12]}"
    raise reading.strange(told, Blame.MISSING_DATA)


def _downloaded(repository: Repository, reading: Reading, identity: int) -> bytes:
    """Return the archive. GitHub answers with an address for a minute; what it is kept at must not see our token."""
    api, path = repository.api, f"{repository.path}/actions/artifacts/{identity}/zip"
    answer = reading.ask(path, expected=(302,), needs=_NEEDS)
    location = urlsplit(answer.headers.get("location", ""))
    if location.scheme not in ("http", "https") or not location.hostname or (location.scheme, api.http.base_url[:6]) == ("http", "https:"):
        raise reading.strange(f"{answer} and names no safe address to download from; expected one of https")
    limits = api.http.limits
    store = Http(
        f"{location.scheme}://{location.netloc}", timeout_s=limits.timeout_s, deadline_s=api.deadline_s, max_body_bytes=MAX_ARCHIVE_BYTES,
        headers={"Accept": "*/*"}, blame=Blame.THIRD_PARTY,
    )  # fmt: skip
    try:
        kept = store.get(f"{location.path}?{location.query}")
    except ObservationError as trouble:
        raise reading.strange(str(trouble).partition("?")[0] + ": the archive could not be downloaded; expected it whole") from None
    if kept.status != 200:
        where = f"{location.scheme}://{location.netloc}{location.path}"
        raise reading.strange(f"GET {where} answered {kept.status}; expected 200 and an archive")
    return kept.body


def unpacked(content: bytes, what: str) -> dict[str, bytes]:
    """Return the files of a zip archive by name, within bounds; folders and names that lead outside are left out.

    Raises:
        ObservationError: it is no archive, is damaged, or holds too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
                told = f"{what} has {len(members):,} files of {sum(member.file_size for member in members):,} bytes in all"
                raise ObservationError(f"{told}; expected at most {MAX_FILES:,} and {MAX_UNPACKED_BYTES:,}", blame=Blame.THIRD_PARTY)
            found = {}
            for member in members:
                with archive.open(member) as file:
                    found[member.filename] = file.read(member.file_size + 1)
            return {name: data for name, data in found.items() if ".." not in name.split("/") and not name.startswith("/")}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as trouble:
        told = f"{what} is no readable zip archive ({trouble}); expected one"
        raise ObservationError(told, blame=Blame.THIRD_PARTY) from None
