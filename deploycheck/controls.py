"""Negative controls: things that must be refused. If one is not, the verifier itself cannot be trusted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deploycheck.checklist import items
from deploycheck.connections import BALANCER
from deploycheck.errors import DeploycheckError
from deploycheck.gateway import Gateway
from deploycheck.questions.health import answered, expectation
from deploycheck.rules.backup import BackupLimits, Dump, backup_shortfalls
from deploycheck.rules.health import HealthAnswer, HealthExpectation, health_shortfalls
from deploycheck.rules.load import p95_shortfalls
from deploycheck.rules.samples import Sample, Stream
from deploycheck.rules.statements import Kind, Needed, Signer, Statement, void
from deploycheck.rules.trigger_state import Limits
from deploycheck.rules.triggers import Triggers


@dataclass(frozen=True)
class Control:
    """One control. `held` is None where it could not be tried, which leaves the run as it is."""

    name: str
    held: bool | None
    message: str


def absent_path(gateway: Gateway) -> Control:
    """Ask for a path that cannot exist, and judge the answer as if it were the health endpoint's."""
    path = f"/deploycheck-control-{uuid.uuid4().hex[:12]}"
    try:
        point = gateway.health_point("overall")
        exchange = gateway.connections.http().get(path)
    except DeploycheckError as trouble:
        return Control("a path that does not exist is not healthy", None, str(trouble))
    shortfalls = health_shortfalls(answered(exchange), expectation(gateway, point, BALANCER))
    said = f"{exchange} and was judged {'unhealthy, as it must be' if shortfalls else 'healthy'}"
    return Control("a path that does not exist is not healthy", bool(shortfalls), said)


def doctored() -> Iterator[Control]:
    """Put samples before the rules that they must refuse."""
    now = datetime.now(UTC)
    expected = HealthExpectation(200, "application/json", ("healthy",), 1000, 60, status_field="status")
    for name, body in {"a degraded answer": {"status": "degraded"}, "an empty answer": {}}.items():
        refused = health_shortfalls(HealthAnswer(200, "application/json", None, body, None, 1.0, now), expected)
        yield Control(f"{name} is not healthy", bool(refused), refused[0] if refused else "judged healthy")
    limits = BackupLimits(now - timedelta(hours=1), now, now, 86_400, 0.5, "^-- Dump completed")
    refused = backup_shortfalls(Dump("control", now, 20, None, 0, ("",), None, None), limits)
    yield Control("an empty backup is no backup", bool(refused), refused[0] if refused else "judged whole")
    refused = p95_shortfalls([900.0] * 40 + [20.0] * 60, 500.0)
    yield Control("a load with two of five answers late is not fast", bool(refused), refused[0] if refused else "judged fast")
    yield expired_sign_off(now)
    yield failing_minutes()


def failing_minutes() -> Control:
    """Put five minutes of failures before the rollback triggers."""
    triggers = Triggers(Limits())
    for second in range(301):
        triggers.feed(Sample(float(second), Stream.OWN, "control", bad=1))
    tripped = [change.reason for change in triggers.tripped]
    return Control("five minutes of failures trip a trigger", bool(tripped), tripped[0] if tripped else "nothing tripped")


def expired_sign_off(now: datetime) -> Control:
    """Put a sign-off before the rule that is right in all but its last day; the same one in force must count."""
    item, day, author, signer = items()["tests.qa"], timedelta(days=1), "author", "qa"
    fields = (Kind.SIGN_OFF, item.id, item.text_sha256, "1.0", "0" * 40, "control", signer, now - 2 * day)
    needed = Needed(
        item.id, item.text_sha256, "1.0", "0" * 40, "control", author, now, item.role, item.second_person, {item.role: ("*",)},
        {author, signer},
    )  # fmt: skip
    who = Signer((signer,), frozenset({item.role}))
    in_force, expired = (Statement(*fields, now + left, "a control") for left in (day, -day))
    why, counts = void(expired, who, needed), not void(in_force, who, needed)
    told = why if counts else f"one in force was refused too: {void(in_force, who, needed)}"
    return Control("an expired sign-off does not count", bool(why) and counts, told or "it counted")


def controls(gateway: Gateway) -> list[Control]:
    """Return the controls of a run on this gateway."""
    try:
        asked = absent_path(gateway)
    except Exception as trouble:
        asked = Control("a path that does not exist is not healthy", False, f"the control itself ended in {trouble!r}")
    return [asked, *doctored()]
