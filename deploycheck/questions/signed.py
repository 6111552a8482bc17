"""What only a person can know: a signed statement about this line, this commit and this environment, that counts now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from deploycheck.checklist import items
from deploycheck.errors import Blame, NotConfigured, ObservationError, Unsigned
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question
from deploycheck.rules.statements import Kind
from deploycheck.statements import Judged, judged

SIGN_OFF = "sign-off"
Ask = Callable[[Gateway], Sequence[Question]]


@dataclass(frozen=True)
class SignOff:
    """One sign-off as a report shows it; `void` is why it does not count, "" when it does."""

    file: str
    person: str
    signed_at: datetime | None
    expires: datetime | None
    note: str
    link: str
    key: str
    void: str


@dataclass(frozen=True)
class SignOffs:
    """What people have signed of one item. `instead_of` is the key of the profile that would name a source for it."""

    kind: ClassVar[str] = "table"

    item: str
    sign_offs: tuple[SignOff, ...]
    instead_of: str = ""

    @property
    def valid(self) -> tuple[SignOff, ...]:
        """Those that count."""
        return tuple(one for one in self.sign_offs if not one.void)


def signed(item: str, instead_of: str = "") -> Callable[[Gateway], list[Question]]:
    """Return what asks for the sign-off of an item; one that is owed ends in `unsigned`."""

    def questions(gateway: Gateway) -> list[Question]:
        def ask() -> SignOffs:
            return replace(sign_offs(gateway, item), instead_of=instead_of)

        return [Question(SIGN_OFF, ask, lambda seen: insist(gateway, seen), blames=Blame.MISSING_DATA)]

    return questions


# The items that only a person can know.
STATEMENTS: Mapping[str, Ask] = {"tests.qa": signed("tests.qa")}


def or_signed(item: str, automatic: Ask) -> Callable[[Gateway], list[Question]]:
    """Return what asks `automatic` where its source is configured, and for the item's sign-off where it is not.

    Not configured is what raises NotConfigured: `automatic` when it makes its questions, or any of them when it is asked. What the
    profile says it does without (`not_used`) is left at that.
    """

    def questions(gateway: Gateway) -> list[Question]:
        try:
            asked = automatic(gateway)
        except NotConfigured as trouble:
            if item in gateway.profile.not_used:
                raise
            return signed(item, str(trouble))(gateway)
        return [_or_sign_off(gateway, item, question) for question in asked]

    return questions


def sign_offs(gateway: Gateway, item: str) -> SignOffs:
    """Return what people have signed of an item for this release.

    Raises:
        ObservationError: none counts, and one of the files cannot be read, or nobody can say who may sign.
    """
    return gateway.once(("sign-offs", item), lambda: _look(gateway, item))


def insist(gateway: Gateway, seen: SignOffs) -> list[str]:
    """Return no shortfall when a sign-off counts.

    Raises:
        Unsigned: none does; the message says why, and how to make one.
    """
    if seen.valid:
        return []
    told = "; ".join(f"that of {one.person} in {one.file} does not count: {one.void.partition('; expected')[0]}" for one in seen.sign_offs)
    release = gateway.release
    about = f"{seen.item} of {release.version} ({release.commit[:12]}) is not signed off on {gateway.environment.name}"
    raise Unsigned(f"{about}: {told or 'nobody has signed'}; expected {command(gateway, seen.item)}{_otherwise(seen)}")


def command(gateway: Gateway, item: str) -> str:
    """Return the command that makes the sign-off, and who may give it."""
    known = items()[item]
    who = (f", by the role {known.role}" if known.role else "") + (", not the release's author" if known.second_person else "")
    return f'`python -m deploycheck sign-off {item} --release {gateway.release.version}{_option(gateway)} --note "…"`{who}'


def _otherwise(seen: SignOffs) -> str:
    return f", or {seen.instead_of} in the profile" if seen.instead_of else ""


def _option(gateway: Gateway) -> str:
    """Return the option that names the environment's profile, where it needs one."""
    path = gateway.environment.path
    if path.parent.name != "environments":
        return f" --env={path}"
    return "" if path.stem == "local" else f" --env {path.stem}"


def _or_sign_off(gateway: Gateway, item: str, question: Question) -> Question:
    def ask() -> Any:
        try:
            return question.ask()
        except NotConfigured as trouble:
            if item in gateway.profile.not_used:
                raise
            return replace(sign_offs(gateway, item), instead_of=str(trouble))

    def shortfalls(seen: Any) -> Sequence[str]:
        return insist(gateway, seen) if isinstance(seen, SignOffs) else question.shortfalls(seen)

    return replace(question, ask=ask, shortfalls=shortfalls)


def _look(gateway: Gateway, item: str) -> SignOffs:
    found = judged(gateway.environment, gateway.release, item, Kind.SIGN_OFF, datetime.now(UTC))
    unreadable = [entry.void for entry in found if entry.statement is None]
    if unreadable and all(entry.void for entry in found):
        raise ObservationError(f"{'; '.join(unreadable)}; expected a sign-off's file, as it was signed", blame=Blame.CONFIGURATION)
    return SignOffs(item, tuple(_shown(entry) for entry in found))


def _shown(entry: Judged) -> SignOff:
    made = entry.statement
    if made is None:
        return SignOff(entry.path.name, "", None, None, "", "", "", entry.void)
    return SignOff(entry.path.name, made.person, made.signed_at, made.expires, made.note, made.link, entry.key, entry.void)
