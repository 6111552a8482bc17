"""Whether an appointment is what was asked for, once, for nobody else, and gone again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from deploycheck.rules.health import dotted
from deploycheck.rules.instants import parse_instant

NOT_FOUND = 404
OK = 200


@dataclass(frozen=True)
class Answered:
    """An answer as the rules read it: `body` is its JSON, None if it has none."""

    status: int
    body: Any


def created_shortfalls(
    answer: Answered, read_back: Answered | None, asked: Mapping[str, Any], start: str, expected: Sequence[int]
) -> list[str]:
    """Return where the appointment made, and the one read back, differ from what was `asked` for; `start` names its time."""
    if answer.status not in expected:
        return [f"creating was answered {answer.status}; expected {_words(expected)}"]
    if trouble := list(_unsuccessful(answer, "creating")):
        return trouble
    if read_back is None:
        return [f"creating was answered {answer.status} without data.id; expected the appointment"]
    if read_back.status != OK:
        return [f"reading it back was answered {read_back.status}; expected {OK}"]
    return [
        *_differences(dotted(answer.body, "data"), asked, start, "the answer"),
        *_differences(dotted(read_back.body, "data"), asked, start, "what is read back"),
    ]


def _unsuccessful(answer: Answered, what: str) -> Iterator[str]:
    if isinstance(answer.body, Mapping) and answer.body.get("success") is False:
        yield f"{what} was answered {answer.status} with success false ({str(answer.body.get('error', ''))[:120]}); expected success"


def _differences(found: Any, asked: Mapping[str, Any], start: str, where: str) -> Iterator[str]:
    if not isinstance(found, Mapping):
        yield f"{where} has no object in data; expected the appointment"
        return
    for name, wanted in asked.items():
        told = found.get(name)
        if name != start:
            if told != wanted:
                yield f"{where} has {name} {told!r}; expected {wanted!r}"
            continue
        instant = _instant(told)
        if instant is None:
            yield f"{where} has {name} {told!r}; expected an instant with its zone"
        elif instant != _instant(wanted):
            yield f"{where} has {name} {told}, which is {instant:%Y-%m-%d %H:%M} UTC; expected {wanted}"


def once_shortfalls(answers: Sequence[Answered], created: Sequence[int], repeated: Sequence[int]) -> list[str]:
    """Return what is wrong with two submits that carried one idempotency key."""
    first, second = answers
    if first.status not in created:
        return [f"neither submit was answered {_words(created)}, but {first.status} and {second.status}; expected one appointment"]
    if second.status not in repeated:
        return [f"the second submit was answered {second.status}; expected {_words(repeated)}"]
    made = {dotted(answer.body, "data.id") for answer in answers} - {None}
    return [] if len(made) == 1 else [f"two submits with one key made the appointments {_words(sorted(map(str, made)))}; expected one"]


def row_shortfalls(rows: Sequence[Sequence[str | None]], start: str, zone: ZoneInfo, tenant: object) -> list[str]:
    """Return what is wrong with the rows of one test appointment.

    Args:
        rows: tenant and start of each, the latter in the application's `zone`.
        start: what was asked for, ISO 8601 with its zone.
        tenant: whose it must be, as the API says; None when that says nothing.
    """
    if len(rows) != 1:
        return [f"the database has {len(rows)} rows of it; expected 1"]
    owner, at = (*rows[0], None, None)[:2]
    found, wanted = parse_instant(at or "", zone), _instant(start)
    wrong = [] if found == wanted else [f"its row starts at {at} ({zone.key}); expected {start}"]
    if tenant is not None and str(owner) != str(tenant):
        wrong.append(f"its row belongs to tenant {owner}; expected {tenant}")
    return wrong


def sync_shortfalls(states: Sequence[tuple[float, str]], synced: Sequence[str], limit_s: float) -> list[str]:
    """Return what is wrong with the sync states seen over time."""
    if not states:
        return ["no sync state was seen; expected " + _words(synced)]
    at_s, last = states[-1]
    seen = " -> ".join(f"{state} after {since_s:.1f} s" for since_s, state in states)
    if last not in synced:
        return [f"it was not synchronised within {limit_s:g} s ({seen}); expected {_words(synced)}"]
    return [] if at_s <= limit_s else [f"it was synchronised only after {at_s:.1f} s; expected at most {limit_s:g} s"]


def other_tenant_shortfalls(status: int) -> list[str]:
    """Return what is wrong with how another tenant's look at our appointment is answered."""
    return [] if status == NOT_FOUND else [f"another tenant's account was answered {status} for our appointment; expected {NOT_FOUND}"]


def cancelled_shortfalls(answer: Answered | None, states: Mapping[str, str], cancelled: Sequence[str], reachable: bool) -> list[str]:
    """Return what is wrong with the cancellation.

    Args:
        answer: to the cancellation; None when nothing was found to cancel.
        states: of every appointment with our tag afterwards, by id.
        reachable: whether an appointment had been made, so that there was one to find.
    """
    if answer is None:
        return ["the list of appointments does not show the one just made; expected it there, to be cancelled"] if reachable else []
    found = [] if OK <= answer.status < 300 else [f"cancelling was answered {answer.status}; expected 200 to 299"]
    found += _unsuccessful(answer, "cancelling")
    return [*found, *(f"appointment {identity} reads {state} after it was cancelled; expected {_words(cancelled)}"
                      for identity, state in states.items() if state not in cancelled)]  # fmt: skip


def _instant(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _words(values: Sequence[object]) -> str:
    return " or ".join(map(str, values))
