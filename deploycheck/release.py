"""What was to be deployed: a release file in releases/VERSION/, or, for the local gateway, what it was asked for."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from deploycheck import local_release
from deploycheck.errors import ProfileError
from deploycheck.profile import Environment
from deploycheck.rules.deployment_window import DeploymentWindow, deployment_window
from deploycheck.settings import Section
from deploycheck.settings.calendar import Local

RELEASES = Path(__file__).parent.parent / "releases"
# Whoever is on call for a deployment is so for hours; what is longer is a slip of the pen.
_LONGEST = timedelta(days=7)
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$", description="a full commit id: 40 hexadecimal digits")]


class Previous(Section):
    """The release that a rollback would bring back."""

    version: str
    commit: Commit


class Window(Section):
    """When the release is to be deployed, by the clocks of `zone`."""

    start: Local
    end: Local
    zone: Annotated[str, Field(description="such as Europe/Berlin")]


class Release(Section):
    """One release.

    `tables` names, by table, the columns that its migrations bring; `{}` says that there is none. `downtime` says whether
    customers will notice. `issue` is what a hotfix mends: a number, KEY-1, or an address. `reasons` say why a hotfix has what
    it should not: `dependencies`, `migrations`, `size`. `rollback` is the one command that takes it back.
    """

    version: str
    commit: Commit
    ref: Annotated[str, Field(description="the branch that was merged to")] = "main"
    kind: Literal["standard", "hotfix"] = "standard"
    author: Annotated[str, Field(description="as the file of allowed signers calls this person")] = ""
    previous: Previous | None = None
    tables: Mapping[str, tuple[str, ...]] | None = None
    window: Window | None = None
    downtime: bool | None = None
    issue: str | None = None
    reasons: Mapping[Literal["dependencies", "migrations", "size"], str] = {}
    rollback: str | None = None


def folder_of(environment: Environment) -> Path:
    """Return the folder that holds the releases of an environment."""
    return RELEASES.parent / Path(environment.settings.releases).expanduser()


def find(version: str | None, environment: Environment, stage: str = "") -> Release:
    """Return the release to verify: VERSION in the profile's folder of releases, or the file that `version` is the path of.

    The local gateway needs no file: before a deployment the release is the one after what it was asked to run, else that itself.

    Args:
        stage: as pytest's -m has it.

    Raises:
        ProfileError: no `--release` where one is needed, no such file, or a file that is not a release.
    """
    releases = folder_of(environment)
    there = sorted(path.parent.name for path in releases.glob("*/release.toml"))
    if environment.settings.local_stack and not (version and (version.endswith(".toml") or version in there)):
        return _of_the_local_stack(version, environment, stage, releases)
    if version is None:
        known = ", ".join(there) or "there is none yet"
        raise ProfileError(f"--release is missing; expected the version that was deployed on {environment.name} (releases/: {known})")
    if version.endswith(".toml"):
        return _read(Path(version), version)
    if version != Path(version).name:
        raise ProfileError(f"--release {version} is a path; expected the name of a folder in {releases.name}/, or a .toml file")
    path = releases / version / "release.toml"
    release = _read(path, version)
    if release.version != version:
        raise ProfileError(f"{_shown(path)}: version = {release.version!r}; expected {version!r}, the name of its folder")
    return release


def parse(text: str, shown: str) -> Release:
    """Return the release that a file's text tells.

    Raises:
        ProfileError: it is not TOML, or not a release.
    """
    try:
        return _validate(tomllib.loads(text), shown)
    except tomllib.TOMLDecodeError as trouble:
        raise ProfileError(f"{shown} is not valid TOML: {trouble}") from None


def planned(release: Release) -> DeploymentWindow | None:
    """Return when the release is to be deployed; None when its file does not say.

    Raises:
        ValueError: the file names a time or zone that there is not; a release that was read has neither.
    """
    window = release.window
    return deployment_window(window.start, window.end, window.zone) if window else None


def _read(path: Path, version: str) -> Release:
    try:
        return parse(path.read_text(encoding="utf-8"), str(_shown(path)))
    except OSError as trouble:
        raise ProfileError(f"{_shown(path)} cannot be read: {trouble.strerror}; expected the release file of {version}") from None
    except UnicodeDecodeError as trouble:
        raise ProfileError(f"{_shown(path)} is not valid TOML: {trouble}") from None


def _shown(path: Path) -> Path:
    return path.relative_to(RELEASES.parent) if path.is_relative_to(RELEASES.parent) else path


def _validate(raw: Mapping[str, object], shown: str) -> Release:
    try:
        release = Release.model_validate_json(json.dumps(raw, default=str))
    except ValidationError as trouble:
        faults = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in trouble.errors())
        raise ProfileError(f"{shown}: {faults}") from None
    try:
        window = planned(release)
    except ValueError as trouble:
        raise ProfileError(f"{shown}: [window] {trouble}") from None
    if window and window.end - window.start > _LONGEST:
        lasts = (window.end - window.start).days
        raise ProfileError(f"{shown}: [window] lasts {lasts:,} days; expected at most {_LONGEST.days}: is it the right year?")
    return release


def _of_the_local_stack(version: str | None, environment: Environment, stage: str, releases: Path) -> Release:
    """Return the release to come before a deployment, what was asked for after it; `version` picks one of the two."""
    before = "predeploy" in stage
    zone = ZoneInfo(environment.settings.time_zone)
    running = _validate(local_release.asked(), "the local gateway")
    if version == running.version or (version is None and not before):
        return running
    coming = _validate(local_release.candidate(zone, datetime.now(UTC)), "the local gateway")
    if version not in (None, coming.version):
        told = f"{coming.version}, which comes next, {running.version}, which was deployed, or a file in {releases}"
        raise ProfileError(f"--release {version} is no release of the local gateway now; expected {told}")
    written = releases / coming.version / "release.toml"
    return _read(written, coming.version) if written.exists() else coming
