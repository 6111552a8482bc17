"""The backup before the deployment: missing, empty, cut, incomplete, small, old, altered."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from stack.errors import StackError
from stack.faults.bench import Bench
from stack.faults.fault import fault

COMPLETED = re.compile(rb"^-- Dump completed on (.*)\n?\Z", re.MULTILINE)
EMPTY_GZIP = bytes.fromhex("1f8b0800000000000003") + bytes.fromhex("03000000000000000000")


@fault("backup-missing", "there is no backup of the deployment")
def backup_missing(bench: Bench) -> None:
    """The step was skipped."""
    for path in bench.path("backups/pre-deploy").iterdir():
        bench.move_away(path)


@fault("backup-empty", "the backup is a gzip of nothing, 20 bytes: mysqldump failed in front of the pipe")
def backup_empty(bench: Bench) -> None:
    """The classic of a pipe without `pipefail`; its size is not zero and gzip -t is content."""
    _rewrite(bench, EMPTY_GZIP)


@fault("backup-truncated", "the backup file is cut off in the middle")
def backup_truncated(bench: Bench) -> None:
    """The disk was full."""
    whole = _newest(bench).read_bytes()
    _rewrite(bench, whole[: len(whole) * 3 // 4])


@fault("backup-incomplete", "the dump in the backup ends before its completion line")
def backup_incomplete(bench: Bench) -> None:
    """The connection was lost while dumping; the gzip around it is whole."""
    _rewrite(bench, _packed(COMPLETED.sub(b"", _dump(bench))))


@fault("backup-shrunk", "the backup has less than half the size of the one before: tables are missing in it")
def backup_shrunk(bench: Bench) -> None:
    """The dump is of an account that sees one table only, and says that it is complete."""
    whole, file = _dump(bench), _newest(bench)
    before = file.with_name(re.sub(r"\d{8}", lambda day: f"{_day_before(day[0]):%Y%m%d}", file.name, count=1))
    bench.keep(before)
    before.write_bytes(file.read_bytes())
    stat = file.stat()
    os.chown(before, stat.st_uid, stat.st_gid)
    os.utime(before, (stat.st_mtime - 86_400, stat.st_mtime - 86_400))
    head, end = whole.index(b"\n-- Table structure"), COMPLETED.search(whole)
    assert end
    first = whole.find(b"\n-- Table structure", head + 1)
    _rewrite(bench, _packed(whole[:first] + b"\n" + end[0]))


@fault("backup-old-inside", "the backup is the dump of the night before: only the time inside it tells")
def backup_old_inside(bench: Bench) -> None:
    """Somebody copied it, so that the file is new. Dumps pad the hour with a space, and nights have hours of one digit."""
    whole = _dump(bench)
    written = COMPLETED.search(whole)
    assert written
    day = _day_before(written[1].split()[0].decode().replace("-", ""))
    _rewrite(bench, _packed(COMPLETED.sub(f"-- Dump completed on {day:%Y-%m-%d}  3:07:21\n".encode(), whole)))


@fault("backup-altered", "the backup is not the file that its checksum was made of")
def backup_altered(bench: Bench) -> None:
    """One character in it was changed after the deployment."""
    changed = _dump(bench).replace(b"-- Host: ", b"-- HOST: ", 1)
    _rewrite(bench, _packed(changed), with_checksum=False)


def _newest(bench: Bench) -> Path:
    found = sorted(bench.path("backups/pre-deploy").glob("*.sql.gz"))
    if not found:
        raise StackError(f"{bench.path('backups/pre-deploy')} holds no backup, so {bench.name} has nothing to spoil")
    return found[-1]


def _dump(bench: Bench) -> bytes:
    return gzip.decompress(_newest(bench).read_bytes())


def _packed(dump: bytes) -> bytes:
    return gzip.compress(dump, mtime=0)


def _rewrite(bench: Bench, content: bytes, *, with_checksum: bool = True) -> None:
    """Give the backup other content at its old time, and the checksum file that the script would have written of it."""
    file = _newest(bench)
    bench.replace(file, content)
    if with_checksum:
        bench.replace(file.with_name(file.name + ".sha256"), f"{hashlib.sha256(content).hexdigest()}  {file.name}\n".encode())


def _day_before(day: str) -> datetime:
    return datetime.strptime(day, "%Y%m%d") - timedelta(days=1)  # noqa: DTZ007 - a day of the server's own
