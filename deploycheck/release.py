"""What was to be deployed: a release file in releases/VERSION/, or, for the local gateway, what it was asked for."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from deploycheck.errors import ProfileError
from deploycheck.profile import Environment
from deploycheck.settings import Section

RELEASES = Path(__file__).parent.parent / "releases"
_LOCAL_RELEASES = Path(__file__).parent.parent / "stack" / "app" / "releases.json"
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$", description="a full commit id: 40 hexadecimal digits")]
_LOCAL = r"^\d{4}-\d\d-\d\d \d\d:\d\d([+-]\d\d:\d\d)?$"
Local = Annotated[str, Field(pattern=_LOCAL, description="2026-11-24 09:00, with its offset in the hour that comes twice")]


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


def find(version: str | None, environment: Environment) -> Release:
    """Return the release to verify: releases/VERSION, or the file that `version` is the path of.

    Raises:
        ProfileError: no `--release` where one is needed, no such file, or a file that is not a release.
    """
    if version is None and environment.settings.local_stack:
        return _asked_of_the_local_stack()
    if version is None:
        there = ", ".join(sorted(path.parent.name for path in RELEASES.glob("*/release.toml"))) or "there is none yet"
        raise ProfileError(f"--release is missing; expected the version that was deployed on {environment.name} (releases/: {there})")
    is_file = version.endswith(".toml")
    if not is_file and version != Path(version).name:
        raise ProfileError(f"--release {version} is a path; expected the name of a folder in {RELEASES.name}/, or a .toml file")
    path = Path(version) if is_file else RELEASES / version / "release.toml"
    shown = path if is_file else path.relative_to(RELEASES.parent)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as trouble:
        raise ProfileError(f"{shown} cannot be read: {trouble.strerror}; expected the release file of {version}") from None
    except ValueError as trouble:
        raise ProfileError(f"{shown} is not valid TOML: {trouble}") from None
    release = _validate(raw, str(shown))
    if not is_file and release.version != version:
        raise ProfileError(f"{shown}: version = {release.version!r}; expected {version!r}, the name of its folder")
    return release


def _validate(raw: Mapping[str, object], shown: str) -> Release:
    try:
        return Release.model_validate_json(json.dumps(raw, default=str))
    except ValidationError as trouble:
        faults = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in trouble.errors())
        raise ProfileError(f"{shown}: {faults}") from None


def _asked_of_the_local_stack() -> Release:
    """Return what the local gateway was asked to run. Not what it runs: that is for the checks to find out."""
    from stack.layout import Layout  # only the local profile needs the local gateway

    try:
        asked = json.loads(Layout.named().path("intended.json").read_text(encoding="utf-8"))
        shipped = json.loads(_LOCAL_RELEASES.read_text(encoding="utf-8"))[asked["version"]]
    except (OSError, ValueError, KeyError) as trouble:
        raise ProfileError(f"the local gateway does not say what was deployed ({trouble}); expected `python -m stack up` first") from None
    return _validate({**{key: asked[key] for key in ("version", "commit", "previous")}, "tables": shipped["tables"]}, "the local gateway")
