"""What the runbook's troubleshooting section looks at first, collected read-only while the trouble lasts."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar
from zoneinfo import ZoneInfo

from deploycheck.errors import Blame, DeploycheckError
from deploycheck.gateway import Gateway
from deploycheck.rules.log_entries import grouped
from deploycheck.rules.troubleshooting import ERRORS, MIGRATION, SERVICE
from deploycheck.targets.log_sources import log_sources
from deploycheck.targets.server import Server

_COMMAND_S = 5.0
_CHARACTERS = 6_000
_LINES = 50
_KINDS = 20
_TELLING = (1, 2, 3)
# One line per command: its exit code, a tab, the end of what it said in base64.
_SCRIPT = """
limit=$1; shift
for command in "$@"; do
    said=$(timeout -k 1 5 sh -c "$command" 2>&1); code=$?
    printf '%s\\t' "$code"; printf '%s' "$said" | tail -c "$limit" | base64 | tr -d '\\n'; echo
done
"""
_STATEMENTS = {
    "SHOW PROCESSLIST": "SELECT id, user, db, command, time, state, LEFT(info, 300) FROM information_schema.PROCESSLIST"
    " WHERE command <> 'Sleep' AND id <> CONNECTION_ID() ORDER BY time DESC LIMIT 30",
    # Without PROCESS the server refuses this one, and the one before would silently show our own threads alone.
    "open transactions": "SELECT trx_mysql_thread_id, trx_state, trx_started, trx_wait_started, LEFT(trx_query, 300)"
    " FROM information_schema.INNODB_TRX ORDER BY trx_started LIMIT 30",
}
_STATUS = {"supervisor": "status", "systemd": "list-units --failed --plain --no-legend", "horizon": "artisan horizon:status --no-ansi"}


@dataclass(frozen=True)
class Output:
    """One command and what it said, standard error included. `exit_code` is None when it could not be run, and `blame` says
    whose doing that is; `answered` is False when it ended in a way that says nothing about the trouble."""

    command: str
    output: str
    exit_code: int | None
    answered: bool = True
    blame: str | None = None


@dataclass(frozen=True)
class Diagnosis:
    """What a trouble's commands said on one place, in the runbook's order."""

    kind: ClassVar[str] = "table"

    commands: tuple[Output, ...]


def places(gateway: Gateway, trouble: str) -> Sequence[str]:
    """Return where the commands of a trouble are run: on which servers, or the database."""
    if trouble == MIGRATION.item:
        return ("database",) if gateway.profile.database else ()
    return tuple(gateway.profile.servers)


def diagnose(gateway: Gateway, trouble: str, place: str) -> Diagnosis:
    """Run the commands of a trouble on one place and return what they said, also of those that failed."""
    return Diagnosis(tuple(_LOOKS[trouble](gateway, place)))


def rehearse(gateway: Gateway, trouble: str, place: str) -> Diagnosis:
    """Run the commands of a trouble as `diagnose` does, while there is none, but for the program manager: this run's facts have asked it
    already, and asking costs its server as much CPU as all else."""
    if trouble != SERVICE.item:
        return diagnose(gateway, trouble, place)
    said = _managed(gateway, place)
    return Diagnosis((*_service(gateway, place, asked=said is not None), *([said] if said else [])))


def _migration(gateway: Gateway, _place: str) -> Iterator[Output]:
    return (_selected(gateway, name, statement) for name, statement in _STATEMENTS.items())


def _selected(gateway: Gateway, name: str, statement: str) -> Output:
    try:
        rows = gateway.connections.database().select(statement).rows
    except DeploycheckError as trouble:
        return _unheard(name, trouble)
    return Output(name, "\n".join(" | ".join(cell or "NULL" for cell in row) for row in rows) or "(no row)", 0)


def _service(gateway: Gateway, place: str, *, asked: bool = False) -> Iterator[Output]:
    profile, app = gateway.profile, gateway.profile.servers[place].app
    code = f"{app}/current" if profile.application and profile.application.layout == "releases" else app
    logs = (source.path for name, source in log_sources(profile, place, ZoneInfo("UTC")).items() if name != "application")
    commands = [*(f"tail -n {_LINES} {shlex.quote(path)}" for path in logs), f"ls -la {shlex.quote(f'{code}/storage/')}"]
    telling = list(profile.troubleshooting.configuration_tests)
    if profile.workers and not asked:
        telling.append(f"{profile.workers.command} {_STATUS[profile.workers.manager]}")
    return _run(gateway.connections.server(place), commands, telling)


def _managed(gateway: Gateway, place: str) -> Output | None:
    """Return what a program manager said to this run's facts; None where it is still to be asked, as systemd is for its failed units."""
    workers = gateway.profile.workers
    if not workers or workers.manager == "systemd":
        return None
    try:
        facts = gateway.facts(place)
    except DeploycheckError:
        return None
    exit_code = facts.manager_exit
    if exit_code is None:
        return None
    said = f"at {facts.observed_at:%H:%M:%S} UTC:\n{facts.manager_answer[-_CHARACTERS:]}"
    return Output(f"{workers.command} {_STATUS[workers.manager]}", said, exit_code, exit_code in (0, *_TELLING))


def _errors(gateway: Gateway, place: str) -> Iterator[Output]:
    profile, app = gateway.profile, gateway.profile.servers[place].app
    if profile.logs:
        yield _grouped(gateway, place)
    released = profile.application is None or profile.application.layout == "releases"
    recent = f"ls -lt {shlex.quote(f'{app}/releases')}" if released else f"git -C {shlex.quote(app)} log --oneline -10"
    yield from _run(gateway.connections.server(place), [recent])


def _grouped(gateway: Gateway, place: str) -> Output:
    """Return the errors that the application logged since the deployment, by kind."""
    name = "errors in the application's log since the deployment, grouped"
    try:
        reading = gateway.logs(place)["application"]
    except DeploycheckError as trouble:
        return _unheard(name, trouble)
    groups = grouped(reading.errors)
    told = [f"{group.count} × {group.first.level}: {group.first.message[:300]} (last {group.last_at:%H:%M:%S} UTC)" for group in groups]
    return Output(name, "\n".join(told[:_KINDS]) or "(none)", 0)


def _run(server: Server, commands: Sequence[str], telling: Sequence[str] = ()) -> Iterator[Output]:
    """Run commands in one ssh command. Those in `telling` say something of the trouble also when they end with 1, 2 or 3: a test
    of a configuration that found something, a manager whose program is down."""
    every = [*commands, *telling]
    try:
        ended = server.script(_SCRIPT, str(_CHARACTERS), *every, timeout_s=_COMMAND_S * len(every) + 2)
        said = [line.split("\t") for line in ended.stdout.splitlines()]
        answers = [(int(code), base64.b64decode(text).decode("utf-8", "replace")) for code, text in said]
    except (DeploycheckError, ValueError) as trouble:
        yield from (_unheard(command, trouble) for command in every)
        return
    for command, answer in zip_longest(every, answers[: len(every)]):
        if answer is None:
            yield Output(command, "the script stopped before it", None, False, Blame.TARGET.value)
        else:
            yield Output(command, answer[1], answer[0], answer[0] == 0 or (command in telling and answer[0] in _TELLING))


def _unheard(command: str, trouble: Exception) -> Output:
    return Output(command, str(trouble), None, False, getattr(trouble, "blame", Blame.VERIFIER).value)


_LOOKS: Mapping[str, Callable[[Gateway, str], Iterator[Output]]] = {
    MIGRATION.item: _migration, SERVICE.item: _service, ERRORS.item: _errors,
}  # fmt: skip
