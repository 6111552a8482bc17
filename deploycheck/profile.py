"""Reads an environment's profile, or says in one sentence why it cannot be used."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from deploycheck.checklist import items
from deploycheck.credentials import secrets
from deploycheck.errors import ProfileError
from deploycheck.limits import objections_to
from deploycheck.rules.deployment_window import deployment_window
from deploycheck.settings import Profile

ENVIRONMENTS = Path(__file__).parent.parent / "environments"
SCHEMA = ENVIRONMENTS / "profile.schema.json"
_PLACEHOLDER = re.compile(r"\$\{stack\.(\w+)\}")


@dataclass(frozen=True)
class Environment:
    """A profile that is ready for use: its settings, the secrets it names, where it came from."""

    settings: Profile
    path: Path
    sha256: str
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def name(self) -> str:
        """The environment's name, as reports and folders carry it."""
        return self.settings.name

    def secret(self, variable: str | None) -> str | None:
        """Return the value of a secret variable that the profile names; None for none."""
        return self.secrets[variable] if variable else None


def load(
    name: str,
    *,
    variables: Mapping[str, str] = os.environ,
    facts: Callable[[], Mapping[str, str]] = dict,
    stage: str | None = "",
) -> Environment:
    """Return the environment called `name` (environments/NAME.toml), or the one in the file that `name` is the path of.

    Args:
        variables: where secrets are looked up.
        facts: asked, where the profile says `local_stack`, for what fills `${stack.…}`; each is a variable STACK_… too.
        stage: as pytest's -m has it: a secret that only other stages need may be missing. None: every one; who only signs needs none.

    Raises:
        ProfileError: no such file, not TOML, an unknown key, a wrong type, half a section, an unset variable.
    """
    path = Path(name) if name.endswith(".toml") else ENVIRONMENTS / f"{name}.toml"
    shown = path.relative_to(ENVIRONMENTS.parent) if path.is_relative_to(ENVIRONMENTS.parent) else path
    content = _read(path, shown)
    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise ProfileError(f"{shown} is not valid TOML: {trouble}") from None
    filling = facts() if raw.get("local_stack") is True else {}
    settings = _validate(_filled(raw, filling, shown), shown)
    known = {**{f"STACK_{key.upper()}": value for key, value in filling.items()}, **variables}
    _refuse_contradictions(settings, shown)
    return Environment(settings, shown, hashlib.sha256(content).hexdigest(), secrets(settings, known, shown, stage=stage))


def schema() -> str:
    """Return the JSON schema of a profile, for completion and checking in editors."""
    return json.dumps(Profile.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def _read(path: Path, shown: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        there = ", ".join(sorted(entry.stem for entry in ENVIRONMENTS.glob("*.toml")))
        raise ProfileError(f"{shown} does not exist; expected --env to name one of: {there}") from None
    except OSError as trouble:
        raise ProfileError(f"{shown} cannot be read: {trouble.strerror}") from None


def _filled(value: Any, facts: Mapping[str, str], shown: Path) -> Any:
    """Fill `${stack.…}` in every text of the profile."""
    if isinstance(value, dict):
        return {key: _filled(entry, facts, shown) for key, entry in value.items()}
    if isinstance(value, list):
        return [_filled(entry, facts, shown) for entry in value]
    if not isinstance(value, str):
        return value
    for name in _PLACEHOLDER.findall(value):
        if name not in facts:
            raise ProfileError(f"{shown}: ${{stack.{name}}} is unknown; expected {_choice(name, facts) if facts else 'local_stack = true'}")
    return _PLACEHOLDER.sub(lambda match: facts[match[1]], value)


def _validate(raw: Mapping[str, Any], shown: Path) -> Profile:
    try:
        return Profile.model_validate_json(json.dumps(raw, default=str))
    except ValidationError as trouble:
        sentences = [_sentence(error) for error in trouble.errors()]
        raise ProfileError(f"{shown}: " + "; ".join(dict.fromkeys(sentences))) from None


def _sentence(error: Any) -> str:
    *section, key = [str(part) for part in error["loc"]] or [""]
    where = f"[{'.'.join(section)}] " if section else ""
    match error["type"]:
        case "extra_forbidden":
            return f"{where}{key} is not a known key; allowed: {_choice(key, _keys(section))}"
        case "missing":
            return f"{where}lacks {key}"
        case "value_error":
            return f"[{'.'.join([*section, key])}] {error['ctx']['error']}"
        case _:
            return f"{where}{key} = {error['input']!r}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _keys(section: list[str]) -> list[str]:
    """Return the keys that the profile allows in a section."""
    model: type[BaseModel] | None = Profile
    for part in section:
        if model is None or part not in model.model_fields:
            continue  # the name of one server or item, between two models
        model = next(_models(model.model_fields[part].annotation), None)
    return list(model.model_fields) if model else []


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _choice(wrong: str, allowed: Mapping[str, str] | list[str]) -> str:
    near = difflib.get_close_matches(wrong, allowed, n=1)
    return (f"{near[0]} (did you mean it?), " if near else "") + ", ".join(sorted(set(allowed) - set(near)))


def _refuse_contradictions(settings: Profile, shown: Path) -> None:
    for objection in objections_to(settings):
        if objection.refused:
            raise ProfileError(f"{shown}: [watch] {objection.told}")
    placed = ("deployment", "backup", "daily_backup", "database", "redis", "test_data", "profiling")
    parts = {name: getattr(settings, name) for name in placed}
    for section, part in {**parts, **{f"further_redis.{name}": entry for name, entry in settings.further_redis.items()}}.items():
        if part and part.server is not None and part.server not in settings.servers:
            there = ", ".join(settings.servers) or "them, but there is none"
            raise ProfileError(f"{shown}: [{section}] server = {part.server!r} is not in [servers]; expected one of {there}")
    for item in (*settings.not_used, *settings.critical):
        if item not in items():
            raise ProfileError(f"{shown}: {item!r} is not an item of the runbook; expected {_choice(item, list(items()))}")
    zones = {"time_zone": settings.time_zone, "[application] time_zone": settings.application.time_zone if settings.application else "UTC"}
    for key, zone in zones.items():
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ProfileError(f"{shown}: {key} = {zone!r} is not a time zone; expected a name such as Europe/Berlin") from None
    for freeze in (settings.calendar.freezes or ()) if settings.calendar else ():
        try:
            deployment_window(freeze.start, freeze.end, settings.time_zone)
        except ValueError as trouble:
            raise ProfileError(f"{shown}: [calendar] freezes, {freeze.reason}: {trouble}") from None
    if not settings.application:
        for component in type(settings.health).model_fields:
            point = getattr(settings.health, component)
            if point and point.environment_field:
                raise ProfileError(f"{shown}: [health.{component}] environment_field needs [application] environment to compare with")
    if settings.deployment and settings.deployment.method == "workflow" and not settings.vendors.github:
        raise ProfileError(f'{shown}: [deployment] method = "workflow" needs [vendors.github]')
