"""The runbook's Troubleshooting Quick Reference: which trouble a red line is, and what the runbook does about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploycheck.rules.verdict import Outcome


@dataclass(frozen=True)
class Trouble:
    """One of the runbook's common issues. `item` is the line of the runbook; the remedy's commands are the runbook's, where they work."""

    item: str
    title: str
    remedy: str


MIGRATION = Trouble(
    "help.migration-timeout",
    "Migration Timeout",
    "Look below for the statement that runs or waits for a lock; if it must go, KILL QUERY its id, then run the migrations again "
    "with more time: timeout 600 php artisan migrate --force.",
)
SERVICE = Trouble(
    "help.service-start",
    "Service Won't Start",
    "Read the ends of the logs below; if the application cannot write, give it back its folders (chown -R www-data:www-data storage "
    "bootstrap/cache); test the configuration (nginx -t, php-fpm8.2 -t), then start the service.",
)
ERRORS = Trouble(
    "help.error-rate",
    "High Error Rate",
    "Compare the errors below with the recent changes; if they came with this release, roll back: maintenance mode on, the release "
    "before this one, maintenance mode off.",
)
TROUBLES: Mapping[str, Trouble] = {trouble.item: trouble for trouble in (MIGRATION, SERVICE, ERRORS)}

_ITEMS: Mapping[str, Trouble] = {
    "perf.database": MIGRATION,
    "errors.log": ERRORS,
    "errors.rate": ERRORS,
    "errors.failed-jobs": ERRORS,
    "immediate.error-rate": ERRORS,
    "success.error-rate": ERRORS,
    "trigger.error-rate": ERRORS,
    "trigger.critical": SERVICE,
}
_WORDS: Sequence[tuple[re.Pattern[str], Trouble]] = (
    (re.compile(r"\bmigrat|lock wait|metadata lock|pending$|has no column|there is no table", re.IGNORECASE), MIGRATION),
    (re.compile(r"answered 50[0234]|refused the connection|\bis (STOPPED|FATAL|EXITED|BACKOFF)\b|seen running|no live worker"), SERVICE),
)
_SPEAKING = ("health.endpoint", "deploy.executed", "deploy.progress")  # their words tell what kind of trouble it is


def troubles_of(item: str, outcome: Outcome, seen: str) -> tuple[Trouble, ...]:
    """Return the troubles that a check's end is a sign of: by its item, or by what it saw."""
    if outcome not in (Outcome.FAILED, Outcome.ERROR):
        return ()
    found = [_ITEMS[item]] if item in _ITEMS and outcome is Outcome.FAILED else []
    if item in _SPEAKING:
        found += [trouble for words, trouble in _WORDS if words.search(seen)]
    return tuple(dict.fromkeys(found))


def unanswered_shortfalls(outputs: Sequence[tuple[str, int | None, str]]) -> list[str]:
    """Return the shortfalls of commands that gave no answer: (command, exit code, what it said) each."""
    return [
        f"`{command}` ended with {exit_code} ({' '.join(said.split())[:200] or 'it said nothing'}); expected what it tells"
        for command, exit_code, said in outputs
    ]
