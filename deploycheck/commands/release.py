"""`release new`: writes a release file, filled in from git, that people then complete and commit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

from deploycheck import local
from deploycheck.clone import Clone, Tagged
from deploycheck.errors import DeploycheckError
from deploycheck.profile import load
from deploycheck.release import Release, folder_of, parse
from deploycheck.rules.deployment_window import instant, written, zone_of

_WINDOW = 'expected --window "2026-11-24 09:00 Europe/Berlin"'


@dataclass(frozen=True)
class Wanted:
    """What the command line says of a new release. `repository` and `author` are None where profile and git say."""

    version: str
    ref: str
    window: str | None
    minutes: int
    kind: str
    downtime: bool | None
    issue: str | None
    author: str | None
    repository: Path | None


def new_release(name: str, wanted: Wanted) -> str:
    """Write releases/VERSION/release.toml and return the sentence that says so.

    Raises:
        DeploycheckError: there is one already, git does not know the ref, or the window names a time that there is not.
    """
    environment = load(name, facts=local.facts, stage=None)
    if wanted.version != Path(wanted.version).name or wanted.version in ("", ".", ".."):
        raise DeploycheckError(f"{wanted.version!r} is no version; expected one that can be a folder's name, such as 1.2.3")
    path = folder_of(environment) / wanted.version / "release.toml"
    if path.exists():
        raise DeploycheckError(f"{path} is there already; expected a new version, or an editor")
    clone = Clone(wanted.repository or Path(environment.settings.repository).expanduser())
    commit = clone.commit(wanted.ref)
    author, previous = wanted.author or clone.author(commit), clone.released_before(commit, wanted.version)
    branch = wanted.ref if clone.is_branch(wanted.ref) else Release.model_fields["ref"].default
    text = "\n".join(_lines(wanted, commit, branch, author, previous)) + "\n"
    parse(text, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    before = f"after {previous.version}" if previous else "with no release before it"
    return f"{path}: {wanted.version} is {commit[:12]} by {author}, {before}; complete what its comments ask for, and commit it"


def _lines(wanted: Wanted, commit: str, branch: str, author: str, previous: Tagged | None) -> Iterator[str]:
    yield f"version = {json.dumps(wanted.version)}"
    yield f"commit = {json.dumps(commit)}"
    yield f"ref = {json.dumps(branch):<32}# the branch that pull requests are merged to"
    yield f"kind = {json.dumps(wanted.kind)}"
    yield f"author = {json.dumps(author)}"
    if wanted.issue:
        yield f"issue = {json.dumps(wanted.issue)}"
    yield "# downtime = false                    # will customers notice?" if wanted.downtime is None else _downtime(wanted.downtime)
    yield ""
    if previous:
        yield "[previous]                            # what a rollback brings back"
        yield f"version = {json.dumps(previous.version)}"
        yield f"commit = {json.dumps(previous.commit)}"
    else:
        yield "# [previous]                          # what a rollback brings back: no version is tagged before this commit"
    yield ""
    yield from _window(wanted)
    yield "# [tables]                            # what the migrations bring: table = its new columns; empty if nothing"


def _downtime(downtime: bool) -> str:
    return f"downtime = {str(downtime).lower()}"


def _window(wanted: Wanted) -> Iterator[str]:
    if not wanted.window:
        yield '# [window]                            # start = "2026-11-24 09:00", end = "2026-11-24 10:00", zone = "Europe/Berlin"'
        yield ""
        return
    start, _, name = wanted.window.strip().rpartition(" ")
    if not start or wanted.minutes <= 0:
        raise DeploycheckError(f"--window {wanted.window!r} of {wanted.minutes} minutes is no window; {_WINDOW} --minutes 60")
    try:
        zone = zone_of(name)
        begins = instant(start.replace("T", " "), zone)
    except ValueError as trouble:
        raise DeploycheckError(f"--window {wanted.window!r}: {trouble}; {_WINDOW}") from None
    ends = begins.astimezone(UTC) + timedelta(minutes=wanted.minutes)
    yield "[window]"
    yield f"start = {json.dumps(written(begins, zone))}"
    yield f"end = {json.dumps(written(ends, zone))}"
    yield f"zone = {json.dumps(name)}"
    yield ""
