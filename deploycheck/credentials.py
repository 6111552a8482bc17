"""The secrets that a profile names: out of environment variables, or the .env file that it names; never out of the profile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel

from deploycheck.checklist import items
from deploycheck.errors import Blame, ObservationError, ProfileError
from deploycheck.settings import Profile

_CHECKOUT = Path(__file__).parent.parent
_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
_NAMED = 3
# Publishing must not keep a run from starting; it says itself which token it lacks.
_LATER = "[publish."

# Section of a profile -> the items that cannot be looked at without its secrets.
ITEMS: Mapping[str, Sequence[str]] = {
    "health": ("health.endpoint",),
    "workers": ("deploy.executed",),
    "login": ("functional.login", "functional.appointment", "functional.email", "functional.queue", "criteria.security"),
    "appointments": ("functional.appointment",),
    "webhooks": ("functional.webhook", "integration.calcom", "integration.retell"),
    "mailbox": ("functional.email", "integration.email"),
    "smtp": ("deps.email",),
    "offsite": ("prod.backup-offsite",),
    "tickets": ("hotfix.severity", "hotfix.review", "follow.ticket"),
    "vendors.github": (
        "code.prs-merged", "code.ci-passing", "code.security-alerts", "code.docs-updated", "code.changelog-updated", "tests.unit",
        "tests.integration", "tests.e2e", "tests.performance", "comms.rollback-plan", "staging.main-merged", "hotfix.minimal",
        "hotfix.approval", "hotfix.rollback", "hotfix.severity", "hotfix.review", "deploy.executed", "immediate.complaints",
    ),
    "vendors.calcom": ("deps.calcom", "integration.calcom", "staging.test-mode"),
    "vendors.retell": ("deps.retell", "integration.retell", "staging.test-mode"),
    "vendors.stripe": ("deps.payment", "staging.test-mode"),
    "vendors.sms": ("integration.sms", "staging.test-mode"),
    "vendors.slack": ("comms.team-notified",),
    "vendors.pagerduty": ("infra.incidents", "comms.on-call", "prod.on-call"),
    "monitoring": ("errors.rate", "deps.monitoring", "prod.alerts"),
}  # fmt: skip


class Secrets(dict[str, str]):
    """The secrets of an environment, by variable. One that is not set is said by whoever asks for it."""

    def __missing__(self, variable: str) -> str:
        """Say that the variable is not set."""
        raise ObservationError(f"the environment variable {variable} is not set; expected the secret in it", blame=Blame.CONFIGURATION)

    def __repr__(self) -> str:
        """Return the variables only: a traceback prints arguments."""
        return f"Secrets({', '.join(self)})"


def secrets(settings: Profile, variables: Mapping[str, str], shown: Path, *, stage: str | None = "") -> Secrets:
    """Return the secrets that the profile names, by variable.

    Args:
        variables: where they are looked up, before the profile's env_file.
        shown: the profile's path, for messages.
        stage: as pytest's -m has it: what only other stages need may be missing; None: everything may.

    Raises:
        ProfileError: one is not set: the message names its variable and the items that need it; or the env_file cannot be read.
    """
    known = {**(env_file(_CHECKOUT / Path(settings.env_file).expanduser(), shown) if settings.env_file else {}), **variables}
    named = list(_named(settings))
    unset = [
        f"{where} names {variable}{_needed_by(where)}"
        for where, variable in named
        if not known.get(variable) and stage is not None and _needed(where, stage)
    ]
    if unset:
        place = f", or in {settings.env_file}" if settings.env_file else ""
        raise ProfileError(f"{shown}: {', '.join(unset)}, not set; expected each secret in the environment variable of that name{place}")
    return Secrets({variable: known[variable] for _, variable in named if known.get(variable)})


def env_file(path: Path, shown: Path) -> dict[str, str]:
    """Return the variables of a .env file: NAME=VALUE, VALUE in single or double quotes or bare, `export` and comments allowed.

    Nothing in a value is expanded, and no message shows one.

    Raises:
        ProfileError: it cannot be read, or a line is no assignment.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as trouble:
        why = getattr(trouble, "strerror", None) or "not UTF-8"
        raise ProfileError(f"{shown}: env_file = {str(path)!r} cannot be read: {why}; expected a file of NAME=VALUE lines") from None
    found = {}
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if not match:
            raise ProfileError(f"{path} line {number} is no assignment; expected NAME=VALUE")
        found[match["name"]] = _value(match["value"], f"{path} line {number}")
    return found


def _value(text: str, where: str) -> str:
    if text[:1] in ("'", '"'):
        closing = text.find(text[0], 1)
        rest = text[closing + 1 :].strip()
        if closing < 0 or (rest and not rest.startswith("#")):
            raise ProfileError(f"{where} has a quote that does not end the value; expected NAME='VALUE'")
        return text[1:closing]
    return re.split(r"\s#", text, maxsplit=1)[0].strip()


def _needed(where: str, stage: str) -> bool:
    """Return whether a stage cannot do without the secrets of a section."""
    words = set(re.findall(r"\w+", stage)) & {marker for item in items().values() for marker in item.markers}
    wanting = [items()[item] for item in _items_of(where)]
    return not where.startswith(_LATER) and (not words or not wanting or any(words & set(item.markers) for item in wanting))


def _items_of(where: str) -> Sequence[str]:
    section = where.strip("[]").partition("]")[0]
    return next((found for prefix, found in ITEMS.items() if section == prefix or section.startswith(f"{prefix}.")), ())


def _needed_by(where: str) -> str:
    found = _items_of(where)
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f" for {', '.join(found[:_NAMED])}{more}" if found else ""


def _named(settings: BaseModel, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield every (section and key, variable) of a secret that the profile names."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _named(value, f"{where}.{name}".lstrip("."))
        elif isinstance(value, Mapping):
            for key, entry in value.items():
                if isinstance(entry, BaseModel):
                    yield from _named(entry, f"{where}.{name}.{key}".lstrip("."))
        elif name.endswith("_variable") and value:
            yield f"[{where}] {name}", value
