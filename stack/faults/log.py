"""The deployment's own logs: who started it and how it went."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from stack.errors import StackError
from stack.faults.bench import Bench
from stack.faults.fault import fault

STARTS = "log/deployments.log"
PROGRESS = "log/deployment.log"
STARTED = re.compile(r"^Deployment started by (?P<who>\S+) at .*\n", re.MULTILINE)
SUCCESS = re.compile(r"^(?P<head>\[(?P<at>\S+)\] Deployment of .* finished: )success\n\Z", re.MULTILINE)


@fault("start-line-missing", "the deployment log has no start line")
def start_line_missing(bench: Bench) -> None:
    """Nobody wrote down who deployed, and when."""
    bench.edit(STARTS, lambda text: STARTED.sub("", text))


@fault("start-line-old", "the deployment log's last start line is of yesterday's deployment")
def start_line_old(bench: Bench) -> None:
    """This deployment was not entered."""
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%a %b %e %H:%M:%S UTC %Y}"
    bench.edit(STARTS, lambda text: STARTED.sub(lambda line: f"Deployment started by {line['who']} at {yesterday}\n", text))


@fault("progress-failure", "the deployment's progress log ends in failure")
def progress_failure(bench: Bench) -> None:
    """As the script writes it when its last step fails."""
    _ending(bench, "[{at}] ERROR: step verify failed with exit code 1: web2 does not answer\n{head}failure\n")


@fault("progress-error", "the deployment's progress log has an ERROR line and ends in success")
def progress_error(bench: Bench) -> None:
    """A step failed, and the script went on."""
    _ending(bench, "[{at}] ERROR: cache warming failed: connection refused\n{head}success\n")


@fault("progress-missing", "the deployment's progress log is gone")
def progress_missing(bench: Bench) -> None:
    """A log rotation without `create`."""
    bench.move_away(bench.path(PROGRESS))


@fault("progress-unreadable", "the deployment's progress log may not be read by the account that verifies")
def progress_unreadable(bench: Bench) -> None:
    """Written by root with a tight umask."""
    bench.rights(bench.path(PROGRESS), 0o000, roots=True)


def _ending(bench: Bench, wanted: str) -> None:
    def changed(text: str) -> str:
        found = SUCCESS.search(text)
        if found is None:
            raise StackError(f"{bench.path(PROGRESS)} does not end in success, so {bench.name} has nothing to change")
        return text[: found.start()] + wanted.format(at=found["at"], head=found["head"])

    bench.edit(PROGRESS, changed)
