"""Publishes a run wherever its profile says, and says in one sentence each what came of it."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator, Mapping

from deploycheck.effects import Effect, permit
from deploycheck.evidence.run import Run
from deploycheck.profile import Environment
from deploycheck.publish import github, jira, slack
from deploycheck.publish.message import Message, message
from deploycheck.publish.sending import Door, Step
from deploycheck.report.summary import count, one_line

LIMIT_S = 120.0
_SHOWN_LINES = 40
NOWHERE = "published nowhere: the profile has no [publish]"


def publish(
    run: Run, environment: Environment, redact: Callable[[str], str], *, dry_run: bool = False, variables: Mapping[str, str] = os.environ
) -> Iterator[str]:
    """Yield one sentence per thing published, or, in a dry run, what would be sent. Nothing that goes wrong here raises.

    Args:
        run: the run, ended and written.
        environment: whose profile says where to publish.
        redact: takes secrets out of what is shown.
        dry_run: send nothing and ask nobody.
        variables: where GitHub Actions names the step's summary.
    """
    begun = time.monotonic()
    try:
        steps = list(_steps(message(run, production=environment.settings.production), environment, variables))
    except Exception as trouble:
        yield redact(one_line(f"not published: {type(trouble).__name__}: {trouble}"))
        return
    if not steps:
        yield NOWHERE
    for step in steps:
        if dry_run:
            yield redact(_shown(step))
        elif time.monotonic() - begun > LIMIT_S:
            yield f"{step.name}: not tried; publishing has taken {LIMIT_S:.0f} s"
        else:
            yield redact(one_line(_done(step)))


def _steps(what: Message, environment: Environment, variables: Mapping[str, str]) -> Iterator[Step]:
    yield from github.summary_step(what, variables)
    settings = environment.settings.publish
    if settings and settings.github:
        door = _door(environment, settings.github.base_url, "github", settings.github.token_variable)
        yield from github.steps(settings.github, what, door)
    if settings and settings.jira:
        user = settings.jira.user_variable
        door = _door(environment, settings.jira.base_url, "jira", settings.jira.token_variable, user_variable=user)
        yield from jira.steps(settings.jira, what, door)
    if settings and settings.slack:
        door = _door(environment, settings.slack.base_url, "slack", settings.slack.token_variable)
        yield from slack.steps(settings.slack, what, door)


def _door(environment: Environment, base_url: str, section: str, token_variable: str, *, user_variable: str | None = None) -> Door:
    token, user = environment.secrets.get(token_variable), environment.secrets.get(user_variable or "")
    unset = [name for name, value in ((user_variable, user), (token_variable, token)) if name and not value]
    lacks = f"[publish.{section}] names {' and '.join(unset)}, not set; expected the secret in that variable" if unset else ""
    pair = base64.b64encode(f"{user}:{token}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}" if user_variable else f"Bearer {token}"}
    further = github.HEADERS if section == "github" else {}
    return Door(base_url, {**further, **headers}, lacks=lacks, timeout_s=environment.settings.timeout_s)


def _done(step: Step) -> str:
    try:
        with permit(frozenset({Effect.SEND})):
            return f"{step.name}: {step.send()}"
    except Exception as trouble:
        told = str(trouble) if type(trouble).__module__.startswith("deploycheck.") else f"{type(trouble).__name__}: {trouble}"
        return f"{step.name} not published: {told}"


def _shown(step: Step) -> str:
    lines = step.body.splitlines()
    more = [f"    … {count(len(lines) - _SHOWN_LINES, 'line')} more"] if len(lines) > _SHOWN_LINES else []
    return "\n".join([f"{step.name}: would {step.request}", *(f"    {line}" for line in lines[:_SHOWN_LINES]), *more])
