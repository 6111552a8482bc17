"""What a fault leaves behind without meaning to: errors in the logs, and jobs that failed meanwhile. `heal` takes them out, because
they would stay red for ever.

What the application wrote meanwhile in the ordinary way (INFO) stays. Only files that other programs hold open for appending are
treated so, in place.
"""

from __future__ import annotations

import itertools
import re
import time
from contextlib import suppress
from pathlib import Path

from stack.errors import StackError
from stack.faults import jobs
from stack.faults.database import sql
from stack.faults.services import run
from stack.gateway import await_healthy
from stack.layout import SERVERS, Layout
from stack.supervisor import Supervisor

# In every entry that a fault writes of its own will.
MARK = "(fault)"
SILENCE_S = 60
_HEADER = re.compile(rb"^\[\d{4}-\d\d-\d\d[^\]]*\] [\w.-]+\.([A-Z]+): ", re.MULTILINE)
_ORDINARY = (b"DEBUG", b"INFO", b"NOTICE")


def begin(layout: Layout, name: str) -> None:
    """Remember how long every log is, and the last failed job; a log that grows from nothing is remembered as absent."""
    listing = layout.path(f"faults/{name}.logs")
    listing.write_text("".join(f"{path.stat().st_size} {path}\n" for path in _logs(layout)))
    with suppress(StackError):  # another fault has stopped the database
        layout.path(f"faults/{name}.jobs").write_text(sql(layout, "SELECT COALESCE(MAX(id), 0) FROM failed_jobs"))


def end(layout: Layout, name: str) -> None:
    """Take out of every log what came in since `begin`, except the ordinary entries of the application; forget the jobs that failed."""
    last = layout.path(f"faults/{name}.jobs")
    if last.exists():
        with suppress(StackError):  # the database is not up: nothing can be forgotten, and nothing was added
            sql(layout, f"DELETE FROM failed_jobs WHERE id > {int(last.read_text())}")  # noqa: S608 - a number
        last.unlink()
    listing = layout.path(f"faults/{name}.logs")
    if not listing.exists():
        return
    sizes = {Path(path): int(size) for size, path in (line.split(" ", 1) for line in listing.read_text().splitlines())}
    for path in _logs(layout):
        size = sizes.get(path, 0)
        grown = path.read_bytes()[size:]
        kept = _ordinary(grown) if "storage" in path.parts else b""
        if path not in sizes and not kept:
            path.unlink()
        elif kept != grown:
            with path.open("r+b") as file:
                file.truncate(size)
                file.seek(size)
                file.write(kept)
    listing.unlink()
    _break_silence(layout)


def settle(layout: Layout) -> None:
    """Wait until the gateway is healthy, which it must be when no fault is on any more.

    Raises:
        StackError: it is not; the message says what was seen last.
    """
    said: list[str] = []
    if Supervisor(layout).alive() and await_healthy(layout, said.append):
        raise StackError(f"the fault is taken back, but the gateway is not healthy: {' '.join(said)}")
    jobs.finish(layout)


def _ordinary(text: bytes) -> bytes:
    starts = [match.start() for match in _HEADER.finditer(text)]
    entries = [text[start:end] for start, end in itertools.pairwise([*starts, len(text)])]
    return b"".join(entry for entry in entries if (found := _HEADER.match(entry)) and found[1] in _ORDINARY and MARK.encode() not in entry)


def _logs(layout: Layout) -> list[Path]:
    patterns = [*(f"{server}/shared/storage/logs/laravel*.log" for server in SERVERS), "log/nginx/*error.log", "log/php-fpm-*.log"]
    return sorted(path for pattern in patterns for path in layout.state.glob(pattern) if path.is_file())


def _break_silence(layout: Layout) -> None:
    """Let each server whose log had to be silent give the sign of life that the next minute would bring."""
    for server in SERVERS:
        log = layout.path(f"{server}/shared/storage/logs/laravel.log")
        if Supervisor(layout).alive() and log.exists() and time.time() - log.stat().st_mtime > SILENCE_S:
            release = layout.path(f"{server}/current")
            run(layout, "/usr/bin/php8.2", "artisan", "gateway:heartbeat", "--no-ansi", as_application=True, cwd=release)
