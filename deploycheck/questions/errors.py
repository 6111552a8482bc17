"""Error Monitoring: what the logs of every server say since the deployment, and which jobs failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from deploycheck.baseline import Baseline
from deploycheck.errors import Inconclusive, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.error_log import SHOWN_GROUPS, blind_spots, entry_shortfalls
from deploycheck.rules.log_entries import EntryGroup, grouped
from deploycheck.targets.laravel import FailedJobs
from deploycheck.targets.log_files import LogFile, LogReading

LOGS = ("application", "nginx", "php-fpm")


@dataclass(frozen=True)
class LogSummary:
    """A log since the deployment: its files, how many entries of each level, and its errors by kind, known noise marked."""

    kind: ClassVar[str] = "log"

    path: str
    since: datetime
    newest_at: datetime | None
    files: tuple[LogFile, ...]
    levels: dict[str, int]
    unparsed: int
    errors: tuple[EntryGroup, ...]
    saturations: tuple[EntryGroup, ...]
    reading: LogReading = field(repr=False)


def logs(gateway: Gateway) -> list[Question]:
    """Return the questions of errors.log: three logs on every server."""
    settings = gateway.profile.logs
    if not settings or not gateway.profile.servers:
        return [unanswerable("logs", NotConfigured("[servers]" if settings else "[logs]"))]
    return [_log(gateway, server, which) for server in gateway.profile.servers for which in LOGS]


def _log(gateway: Gateway, server: str, which: str) -> Question:
    settings = gateway.profile.logs
    assert settings
    if which != "application" and getattr(settings, which.removeprefix("php-")) is None:
        return unanswerable(f"{which} on {server}", NotConfigured(f"[logs.{which.removeprefix('php-')}]"))

    def shortfalls(seen: LogSummary) -> list[str]:
        found, blind = entry_shortfalls(seen.errors), _blind(gateway, seen.reading, which)
        if blind and not found:
            # A spot that names its file needs no other.
            raise ObservationError("\n".join(f"{server if spot.startswith('/') else f'{seen.path} on {server}'}: {spot}" for spot in blind))
        return found + blind

    return Question(f"{which} on {server}", lambda: _summary(gateway, server, which), shortfalls, f"the {which} log of {server}")


def _summary(gateway: Gateway, server: str, which: str) -> LogSummary:
    gateway.compare_clocks(server)
    reading = gateway.logs(server)[which]
    settings = gateway.profile.logs
    noise: Sequence[str] = settings.application.noise if settings and which == "application" else ()
    errors, saturations = grouped(reading.errors, noise), grouped(reading.saturations)
    return LogSummary(
        path=reading.path,
        since=reading.since,
        newest_at=reading.newest_at,
        files=reading.files,
        levels=reading.levels,
        unparsed=reading.unparsed,
        errors=errors[:SHOWN_GROUPS],
        saturations=saturations[:SHOWN_GROUPS],
        reading=reading,
    )


def _blind(gateway: Gateway, reading: LogReading, which: str) -> list[str]:
    application = which == "application"
    newest, folder = reading.newest_file, reading.folder
    closed = [file.path for file in (newest, folder if _daily(gateway) else None) if file and file.writable is False]
    return blind_spots(
        missing=reading.missing,
        unreadable=[file.path for file in reading.unreadable],
        broken=reading.broken,
        truncated=reading.truncated,
        unparsed=reading.unparsed,
        entries=sum(reading.levels.values()),
        unwritable=closed[0] if application and closed else None,
        newest_at=reading.newest_at,
        now=reading.observed_at,
        silence_s=gateway.profile.thresholds.log_silence_s if application else None,
    )


def _daily(gateway: Gateway) -> bool:
    return bool(gateway.profile.logs and gateway.profile.logs.application.channel == "daily")


def failed(gateway: Gateway) -> list[Question]:
    """Return the questions of errors.failed-jobs: those since the deployment, and the number against the baseline."""

    def since(jobs: FailedJobs) -> list[str]:
        began_at = gateway.last_deployment().began_at
        new = jobs.since(began_at)
        kinds: dict[tuple[str, str, str], int] = {}
        for job in new:
            kinds[job.queue, job.job, job.reason] = kinds.get((job.queue, job.job, job.reason), 0) + 1
        limit = gateway.profile.thresholds.failed_jobs
        if len(new) <= limit:
            return []
        return [
            f"{count} × {job} on queue {queue} failed since the deployment began at {began_at:%Y-%m-%d %H:%M:%S} UTC: {reason[:200]}; "
            f"expected at most {limit}"
            for (queue, job, reason), count in kinds.items()
        ]

    def baseline(seen: tuple[FailedJobs, Baseline | None]) -> list[str]:
        jobs, before = seen
        if before is None:
            raise Inconclusive(
                f"there is no baseline of {gateway.environment.name} for {gateway.release.version}; "
                "expected one taken before the deployment with `python -m deploycheck baseline`"
            )
        # The start line is written to the second.
        if before.taken_at - timedelta(seconds=1) > gateway.last_deployment().began_at:
            raise Inconclusive(
                f"the baseline is of {before.taken_at:%Y-%m-%d %H:%M:%S} UTC, after the deployment began; expected one taken before it"
            )
        if jobs.total <= before.failed_jobs:
            return []
        return [f"failed_jobs has {jobs.total:,} rows; expected at most {before.failed_jobs:,}, as before the deployment"]

    return [
        Question("since the deployment", gateway.failed_jobs, since, "failed_jobs"),
        Question("against the baseline", lambda: (gateway.failed_jobs(), gateway.baseline()), baseline),
    ]
