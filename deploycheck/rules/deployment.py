"""Whether a deployment left behind what a good one leaves: start line, switch, success line, programs, migrations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from deploycheck.rules.instants import parse_instant

_LEADING_INSTANT = re.compile(r"^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)\]?")


@dataclass(frozen=True)
class Start:
    """A start line of the deployment log; `at` is None when its instant cannot be read."""

    who: str
    written: str
    at: datetime | None


@dataclass(frozen=True)
class Running:
    """What runs at one place: its commit or, where only that is told, its version; None where it does not say.

    `since` is when it began to, where that is known: what began before the switch runs the old code.
    """

    where: str
    runs: str | None
    since: datetime | None = None


def starts(lines: Iterable[str], pattern: str, zone: ZoneInfo) -> list[Start]:
    """Return the start lines among `lines`, in their order. `pattern` has the groups `who` and `when`."""
    found = (re.search(pattern, line) for line in lines)
    return [Start(match["who"], match["when"].strip(), parse_instant(match["when"], zone)) for match in found if match]


def start_shortfalls(last: Start | None, switched_at: datetime, limit_s: float) -> list[str]:
    """Return what keeps the last start line from being the one of the deployment that switched at `switched_at`."""
    if last is None:
        return ["the deployment log has no start line; expected who started this deployment, and when"]
    if last.at is None:
        return [f"the last start line is dated {last.written!r}; expected ISO 8601 or what `date` prints in the C locale"]
    before_s = (switched_at - last.at).total_seconds()
    if before_s < -1:
        return [f"the last start line is of {last.at:%Y-%m-%d %H:%M:%S} UTC, {-before_s:,.0f} s after the switch; expected it before"]
    if before_s > limit_s:
        return [
            f"the last start line is of {last.at:%Y-%m-%d %H:%M:%S} UTC, {before_s:,.0f} s before the switch; "
            f"expected one of this deployment, at most {limit_s:,.0f} s before it"
        ]
    return []


def marker_shortfalls(marker_at: datetime | None, now: datetime, stale_s: float, path: str) -> list[str]:
    """Return that the in-progress marker is still there, and whether anybody can still be deploying."""
    if marker_at is None:
        return []
    age_s = (now - marker_at).total_seconds()
    meaning = "stale: a deployment died, or nobody removed it" if age_s > stale_s else "a deployment is still under way, or died"
    return [f"{path} is there, {age_s:,.0f} s old ({meaning}); expected it gone"]


def lines_of(lines: Sequence[str], started_at: datetime, zone: ZoneInfo) -> list[str] | None:
    """Return the lines of a progress log that were written since `started_at`; None when its lines carry no instants.

    A line without an instant belongs to the line before it.
    """
    dated = [(parse_instant(match[1].replace(",", "."), zone) if (match := _LEADING_INSTANT.match(line)) else None) for line in lines]
    if not any(dated):
        return None
    # The start line is written to the second, so a line of that very second belongs to the deployment.
    first = next((index for index, at in enumerate(dated) if at and at >= started_at - timedelta(seconds=1)), len(lines))
    return list(lines[first:])


def success_shortfalls(lines: Sequence[str], succeeded: str) -> list[str]:
    """Return that the deployment's own log does not end in success."""
    written = [line for line in lines if line.strip()]
    if not written:
        return ["the progress log has no line of this deployment; expected one that ends in success"]
    return [] if re.search(succeeded, written[-1]) else [f"the progress log ends in {written[-1].strip()[:200]!r}; expected {succeeded!r}"]


def trouble_shortfalls(lines: Sequence[str], trouble: str) -> list[str]:
    """Return the lines of the deployment's log that report trouble."""
    return [f"the progress log says {line.strip()[:300]!r}; expected no error" for line in lines if re.search(trouble, line)]


def version_shortfalls(running: Sequence[Running], commit: str, version: str, switched_at: datetime | None, where: str) -> list[str]:
    """Return every place that runs something else than the release, does not say what, or began before the switch.

    Args:
        switched_at: when the release was switched; needed where a place says since when it runs.
        where: what was looked at, for the case that nothing was found there.
    """
    shortfalls = [] if running else [f"{where}: none was seen running; expected at least one, with {version} ({commit[:12]})"]
    for place in running:
        if place.runs not in (commit, version):
            runs = f"runs {place.runs[:12]}" if place.runs else "does not say what it runs"
            shortfalls.append(f"{place.where} {runs}; expected {version} ({commit[:12]})")
        # Ages of processes are told in whole seconds.
        elif place.since and switched_at and place.since < switched_at - timedelta(seconds=2):
            shortfalls.append(
                f"{place.where} runs since {place.since:%H:%M:%S} UTC; expected a start after the switch at {switched_at:%H:%M:%S} UTC"
            )
    return shortfalls


def program_shortfalls(
    manager: str, answer: str, exit_code: int | None, programs: Sequence[str], server: str, later: str = ""
) -> list[str]:
    """Return the programs that do not run by the word of the manager that keeps them.

    Args:
        manager: supervisor, horizon or systemd.
        answer, exit_code: of its status command; supervisorctl exits 3 when one program is down, so the words decide.
        later: its answer a moment later; a program that has another process by then ends and is started again and again.
    """
    if manager == "horizon":
        return [] if exit_code == 0 and "running" in answer else [f"{server}: Horizon says {answer[:120]!r}; expected it to be running"]
    states = _states(manager, answer)
    down = [
        f"{server}: {program} is {states.get(program, 'unknown to ' + manager)}; expected it running"
        for program in programs
        if states.get(program) not in ("RUNNING", "active running")
    ]
    first, second = _processes(answer), _processes(later)
    return down + [
        f"{server}: {program} ends and is started again and again (process {first[program]}, a moment later {second[program]}); "
        "expected it to go on running"
        for program in programs
        if program in first and second.get(program, first[program]) != first[program]
    ]


def _processes(answer: str) -> Mapping[str, str]:
    """Return the process id that supervisor's answer names for each program that runs."""
    return {match[1]: match[2] for match in re.finditer(r"^(\S+)\s+RUNNING\s+pid (\d+)", answer, re.MULTILINE)}


def _states(manager: str, answer: str) -> Mapping[str, str]:
    rows = [line.split() for line in answer.splitlines()]
    if manager == "systemd":
        return {row[0].removesuffix(".service"): " ".join(row[2:4]) for row in rows if len(row) >= 4}
    return {row[0]: row[1] for row in rows if len(row) >= 2}


def migration_shortfalls(
    shipped: Iterable[str], ran: Iterable[str], expected: Mapping[str, Sequence[str]], found: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the migrations of the release that are pending, and those that ran without effect.

    Args:
        shipped: names of the migrations in the release's code.
        ran: names in the migrations table.
        expected, found: table to its columns, as the release promises and as the database has them.
    """
    done = set(ran)
    pending = [f"migration {name} is pending; expected it to have run" for name in shipped if name not in done]
    missing = [f"table {table} does not exist; expected it after the migrations" for table in expected if table not in found]
    columns = [
        f"table {table} has no column {column}; expected it after the migrations"
        for table, names in expected.items()
        if table in found
        for column in names
        if column not in found[table]
    ]
    return pending + missing + columns
