"""`doctor`: says before a deployment whether everything can be looked at, and what checks will touch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deploycheck import local
from deploycheck.doctor import Examination, examine
from deploycheck.doctor.finding import Finding
from deploycheck.effects import Effect
from deploycheck.errors import ProfileError
from deploycheck.evidence.redact import Redactor
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.profile import Environment, load
from deploycheck.release import Release, find

_UNKNOWN = "0" * 40


def doctor(name: str, version: str | None, reports: Path) -> tuple[str, int]:
    """Examine an environment; return what was found, and the exit code: 0 when nothing is amiss, else 1.

    Raises:
        DeploycheckError: the profile cannot be used.
    """
    environment = load(name, facts=local.facts)
    release, found = _release(version, environment)
    gateway = Gateway(environment, release, Observatory(), reports)
    try:
        examination = examine(gateway, found)
    finally:
        gateway.close()
    lines = list(_told(examination, environment))
    return _redactor(environment).text("\n".join(lines)), int(bool(examination.wrong))


def _redactor(environment: Environment) -> Redactor:
    """Return what takes secrets out of the answer; whom test messages reach is meant to be read."""
    settings = environment.settings
    calcom, sms = settings.vendors.calcom, settings.vendors.sms
    ours = (calcom.attendee_email if calcom else None, sms.recipient if sms else None)
    return Redactor(environment.secrets.values(), allowed_texts=[*settings.reachable(), *(text for text in ours if text)])


def _release(version: str | None, environment: Environment) -> tuple[Release, list[Finding]]:
    """Return the release that is to be deployed, or one of nobody's, and what was found of its file."""
    try:
        release = find(version, environment)
    except ProfileError as trouble:
        remedy = "Write releases/VERSION/release.toml (releases/README.md says how), and name it by --release."
        return Release(version="unknown", commit=_UNKNOWN), [Finding("release", str(trouble), remedy)]
    return release, [Finding("release", said=f"{release.version} ({release.commit[:12]})")]


def _told(examination: Examination, environment: Environment) -> Iterator[str]:
    wrong = examination.wrong
    yield f"{environment.name} ({environment.path}), {environment.settings.base_url}"
    # One cause, such as a server that cannot be reached, keeps several things from being looked at.
    causes: dict[tuple[str, str], list[str]] = {}
    for finding in wrong:
        causes.setdefault((finding.wrong or "", finding.remedy), []).append(finding.about)
    for (told, remedy), about in causes.items():
        yield f"✗ {', '.join(about)}: {told}"
        yield f"  {remedy}"
    for finding in examination.findings:
        if not finding.wrong:
            yield f"✓ {finding.about}{f': {finding.said}' if finding.said else ''}"
    if environment.settings.login:
        yield "Not tried, because it would leave a token behind: logging in ([login]); functional.login does."
    for touch in examination.touches:
        allowed = "permitted" if touch.permitted else "not permitted, so these checks will not be made"
        yield f"{touch.effect} ({allowed}): {', '.join(touch.items)}"
        if touch.permitted:
            yield from (f"  {line}" for line in _touched(touch.effect, environment))
    yield f"{len(wrong)} of {len(examination.findings)} things are amiss." if wrong else "Nothing is amiss."


def _touched(effect: Effect, environment: Environment) -> Iterator[str]:
    """Yield what the checks of an effect will make or whom they will reach, as the profile names it."""
    settings = environment.settings
    vendors = settings.vendors
    if effect is Effect.WRITE:
        yield f"tagged test data on {settings.base_url}, entered in the ledger first and removed again"
        return
    if effect is not Effect.SEND:
        return
    if settings.mail:
        yield "a mail to the test mailbox ([mail] to)"
    if vendors.calcom and vendors.calcom.event_type_id is not None:
        yield f"Cal.com: a booking of event type {vendors.calcom.event_type_id} for {vendors.calcom.attendee_email}, cancelled again"
    if vendors.retell and vendors.retell.agent_id:
        yield f"Retell.ai: a web call with agent {vendors.retell.agent_id} that nobody joins"
    if vendors.sms and vendors.sms.enabled:
        yield f"Twilio: a text message to {vendors.sms.recipient}"
