"""The application's log, and the jobs that fail."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stack.errors import StackError
from stack.faults import keep
from stack.faults.bench import Bench
from stack.faults.database import sql
from stack.faults.fault import fault
from stack.faults.log import STARTED, STARTS
from stack.faults.notes import undoing
from stack.faults.services import LIMIT_S
from stack.faults.traces import MARK
from stack.layout import SERVERS, Layout
from stack.waiting import wait_until

ENTRY_TIME = re.compile(r"^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\]", re.MULTILINE)
FORM = "%Y-%m-%d %H:%M:%S"


@fault("log-critical", "the application of web2 has logged a CRITICAL entry")
def log_critical(bench: Bench) -> None:
    """A search for the word of the level below finds nothing in it."""
    bench.log("web2", "critical", "payment provider unreachable, giving up")


@fault("log-exception", "the application of web1 has logged an exception over many lines")
def log_exception(bench: Bench) -> None:
    """Really thrown and reported, with its stack trace."""
    bench.tell("web1", f'report(new RuntimeException("the calendar of staff 17 cannot be read {MARK}"));')


@fault("log-error-before", "an ERROR entry from just before the deployment is in the log of web1", harmless=True)
def log_error_before(bench: Bench) -> None:
    """Trouble of the release before is not this one's."""
    at = _started(bench) - timedelta(seconds=2)
    line = f"[{at:{FORM}}] local.ERROR: the release before was in trouble {MARK} \n"
    log = _log(bench, "web1")
    bench.note("cut-text", path=str(log), text=line)
    keep.rewrite(log, line.encode() + log.read_bytes())


@fault("log-info-word", "an INFO entry of web1 has the word ERROR in its text", harmless=True)
def log_info_word(bench: Bench) -> None:
    """A search for the word takes it for one."""
    bench.log("web1", "info", "import finished: 0 ERROR, 0 CRITICAL")


@fault("log-daily", "the application writes a log per day (LOG_CHANNEL=daily)", harmless=True)
def log_daily(bench: Bench) -> None:
    """Nothing is broken: a log called laravel-2026-11-23.log is read as well."""
    for server in SERVERS:
        bench.keep(_log(bench, server).with_name(f"laravel-{datetime.now(UTC):%Y-%m-%d}.log"))
        bench.configuration(server, "logging.default", "daily")
        bench.tell(server, 'Illuminate\\Support\\Facades\\Log::info("the log of the day begins");')


@fault("log-unwritable", "the application of web2 cannot write its log")
def log_unwritable(bench: Bench) -> None:
    """It belongs to root since somebody ran artisan as root; for an ordinary user's stack it is read-only."""
    bench.rights(_log(bench, "web2"), 0o644 if bench.layout.as_root else 0o444, roots=True)


@fault("log-unreadable", "the log of web2 may not be read by the account that verifies")
def log_unreadable(bench: Bench) -> None:
    """The application can still write it."""
    bench.rights(_log(bench, "web2"), 0o200)


@fault("log-deleted", "the log of web2 was deleted; until the next minute's heartbeat there is none")
def log_deleted(bench: Bench) -> None:
    """Who has it open goes on writing where nobody can read."""
    bench.move_away(_log(bench, "web2"))


@fault("log-volume-missing", "the volume that held the logs of web2 is not mounted")
def log_volume_missing(bench: Bench) -> None:
    """The link to it leads nowhere, so the application cannot make a new log either."""
    folder = _log(bench, "web2").parent
    bench.move_away(folder)
    folder.symlink_to("/nonexistent/logs-of-web2")


@fault("log-silent", "the log of web2 has stopped growing: its level is so high that nothing is written")
def log_silent(bench: Bench) -> None:
    """Its last entry is made an hour old, so that nobody has to wait for it."""
    bench.configuration("web2", "logging.channels.single.level", "emergency")
    log = _log(bench, "web2")
    bench.keep(log)

    def earlier(found: re.Match[str]) -> str:
        return f"[{datetime.strptime(found[1], FORM) - timedelta(hours=1):{FORM}}]"  # noqa: DTZ007 - stays the log's own

    keep.rewrite(log, ENTRY_TIME.sub(earlier, log.read_text()).encode())


@fault("job-failed", "a job on the queue webhooks has failed for good")
def job_failed(bench: Bench) -> None:
    """Really queued, taken by a worker and thrown out of; it has one attempt, so that nobody has to wait for three."""
    newest = bench.sql("SELECT COALESCE(MAX(id), 0) FROM failed_jobs")
    bench.note("failed-jobs", above=int(newest))
    job = '$job = (new App\\Jobs\\RunCanary(0))->onQueue("webhooks"); $job->tries = 1; '
    bench.tell("web1", job + "app(Illuminate\\Contracts\\Bus\\Dispatcher::class)->dispatch($job);")
    failed = f"SELECT COUNT(*) FROM failed_jobs WHERE id > {newest}"  # noqa: S608 - a number
    wait_until(lambda: bench.sql(failed) != "0", LIMIT_S, lambda: "no worker has taken the job")


@fault("failed-jobs-older", "there are more failed jobs than before the deployment, all of them older than it")
def failed_jobs_older(bench: Bench) -> None:
    """As after a restore, or a clock that was wrong."""
    newest = bench.sql("SELECT COALESCE(MAX(id), 0) FROM failed_jobs")
    bench.note("failed-jobs", above=int(newest))
    at = _started(bench) - timedelta(days=1)
    for _ in range(3):
        bench.sql(
            "INSERT INTO failed_jobs (uuid, connection, queue, payload, exception, failed_at) VALUES "  # noqa: S608 - our own values
            f"('{uuid.uuid4()}', 'redis', 'emails', '{{\"displayName\": \"SendTestMail\"}}', 'RuntimeException: {MARK}', '{at:{FORM}}')"
        )


@undoing("failed-jobs")
def _forget_failed(layout: Layout, above: int) -> None:
    sql(layout, f"DELETE FROM failed_jobs WHERE id > {above}")  # noqa: S608 - a number


@undoing("cut-text")
def _cut(_layout: Layout, path: str, text: str) -> None:
    file = Path(path)
    if text.encode() in (content := file.read_bytes()):
        keep.rewrite(file, content.replace(text.encode(), b"", 1))


def _log(bench: Bench, server: str) -> Path:
    """Return the server's log; a stack that has just come up gets the entry of its first minute."""
    log = bench.path(f"{server}/shared/storage/logs/laravel.log")
    if not log.exists():
        bench.artisan(server, "gateway:heartbeat")
    return log


def _started(bench: Bench) -> datetime:
    """Return when the last deployment began, by its start line; the servers' clock runs in UTC.

    Raises:
        StackError: there is no start line.
    """
    found = list(STARTED.finditer(bench.path(STARTS).read_text()))
    if not found:
        raise StackError(f"{bench.path(STARTS)} has no start line, so {bench.name} does not know when the deployment began")
    written = found[-1][0].strip().rpartition(" at ")[2]
    return datetime.strptime(written, "%a %b %d %H:%M:%S %Z %Y").replace(tzinfo=UTC)
