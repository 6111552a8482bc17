"""Troubleshooting: that what one looks at first in an emergency can be looked at, before there is one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from deploycheck.diagnostics import Diagnosis, places, rehearse
from deploycheck.errors import Blame, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.troubleshooting import MIGRATION, TROUBLES, unanswered_shortfalls


def diagnostics(trouble: str, gateway: Gateway) -> list[Question]:
    """Return the questions of one of the help items: do the commands of its trouble answer, on every place where they are run?"""
    found = places(gateway, trouble)
    if not found:
        return [unanswerable("diagnostics", NotConfigured("[database]" if trouble == MIGRATION.item else "[servers]"))]
    return [
        Question(f"diagnostics of {place}", partial(_look, gateway, trouble, place), _shortfalls, place, Blame.CONFIGURATION)
        for place in found
    ]


def _look(gateway: Gateway, trouble: str, place: str) -> Diagnosis:
    return gateway.once(("diagnostics", trouble, place), lambda: rehearse(gateway, trouble, place))


def _shortfalls(seen: Diagnosis) -> list[str]:
    """Return which commands do not answer; where the place itself cannot be asked, that is said and is nobody's refuted fact."""
    silent = [output for output in seen.commands if not output.answered]
    refused = [(output.command, output.exit_code, output.output) for output in silent if output.exit_code is not None]
    unheard = list(dict.fromkeys((output.output, output.blame) for output in silent if output.exit_code is None))
    if unheard and not refused:
        raise ObservationError("\n".join(said for said, _ in unheard), blame=Blame(unheard[0][1] or Blame.TARGET))
    return unanswered_shortfalls([*refused, *((output.command, None, output.output) for output in silent if output.exit_code is None)])


DIAGNOSTICS: dict[str, Callable[[Gateway], list[Question]]] = {trouble: partial(diagnostics, trouble) for trouble in TROUBLES}
