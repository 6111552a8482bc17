"""The log reader on real files, read through a real shell: what it finds, ships, bounds and says of the rest."""

from __future__ import annotations

import gzip
import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploycheck.errors import ObservationError
from deploycheck.targets.logs import LogReader, LogSource
from deploycheck.targets.server import Server
from selftests.targets.daemon import running_sshd
from selftests.targets.written import BERLIN, ME, NOW, SERVER, UTC_ZONE, at, line, messages, read, write


def test_only_what_was_written_since(tmp_path: Path) -> None:
    text = (
        line(-600, "ERROR", "old") + "#0 its trace\n" + line(-30, "ERROR", "new") + "#0 trace\n[stacktrace]\n" + line(-1, "INFO", "ERROR?")
    )
    reading = read(write(tmp_path / "laravel.log", text))
    assert messages(reading) == ["new", "ERROR?"]
    assert [entry.message for entry in reading.errors] == ["new"]
    assert reading.entries[0].trace == ("#0 trace", "[stacktrace]")
    assert reading.levels == {"ERROR": 1, "INFO": 1}
    assert (reading.missing, reading.truncated, reading.unparsed, reading.broken) == (False, False, 0, ())
    assert reading.newest_at == NOW - timedelta(minutes=1)


def test_the_instant_itself_is_inside(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "laravel.log", line(-61, message="before") + line(-60, message="at") + line(-59, message="after")))
    assert messages(reading) == ["at", "after"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_the_application_has_its_own_zone(tmp_path: Path, zone: str) -> None:
    there = ZoneInfo(zone)
    text = line(-61, "ERROR", "before", there) + line(-59, "ERROR", "after", there)
    assert messages(read(write(tmp_path / "laravel.log", text), zone=there)) == ["after"]


@pytest.mark.parametrize("stamp", ["{}+00:00", "{}.123456+00:00", "{}Z", "{}.123"])
def test_times_with_fractions_and_offsets(tmp_path: Path, stamp: str) -> None:
    text = "".join(f"[{stamp.format(at(minutes).replace(' ', 'T'))}] local.ERROR: {minutes}\n" for minutes in (-90, -30))
    assert messages(read(write(tmp_path / "laravel.log", text))) == ["-30"]


def test_offsets_other_than_the_zone(tmp_path: Path) -> None:
    west = (NOW - timedelta(minutes=30)).astimezone(ZoneInfo("Pacific/Honolulu")).isoformat()
    assert messages(read(write(tmp_path / "laravel.log", f"[{west}] local.ERROR: there\n"), zone=BERLIN)) == ["there"]


def test_daily_and_rotated_files_in_the_order_of_time(tmp_path: Path) -> None:
    write(tmp_path / "laravel-2026-11-22.log.gz", gzip.compress(line(-40, "ERROR", "yesterday").encode()), -40)
    write(tmp_path / "laravel.log.1", line(-30, "ERROR", "rotated"), -30)
    write(tmp_path / "laravel-2026-11-23.log", line(-20, "ERROR", "today"), -20)
    write(tmp_path / "laravel.log", line(-10, "ERROR", "single"), -10)
    write(tmp_path / "laravel-2026-11-01.log", line(-30_000, "ERROR", "old"), -30_000)
    write(tmp_path / "laravel-worker.log", "another log\n")
    write(tmp_path / "calcom-2026-11-23.log", "another log\n")
    reading = read(tmp_path / "laravel.log")
    assert messages(reading) == ["yesterday", "rotated", "today", "single"]
    assert len(reading.files) == 5
    assert reading.newest_file is not None
    assert reading.newest_file.path.endswith("/laravel.log")


def test_a_log_that_stopped_growing_still_tells_its_newest_entry(tmp_path: Path) -> None:
    write(tmp_path / "laravel-2026-11-01.log", line(-30_001), -30_001)
    write(tmp_path / "laravel-2026-11-02.log", line(-30_000), -30_000)
    reading = read(tmp_path / "laravel.log")
    assert (reading.entries, reading.newest_at) == ((), NOW - timedelta(minutes=30_000))


def test_missing(tmp_path: Path) -> None:
    reading = read(tmp_path / "laravel.log", user=ME)
    assert reading.missing
    assert reading.newest_at is None
    assert reading.folder is not None
    assert read(tmp_path / "nowhere" / "laravel.log").folder is None


def test_another_format_is_counted_not_empty(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "laravel.log", '{"message":"x","level":400}\n' * 3))
    assert (reading.entries, reading.unparsed, reading.newest_at) == ((), 3, None)


def test_lines_before_the_first_entry_are_counted(tmp_path: Path) -> None:
    assert read(write(tmp_path / "laravel.log", "PHP Warning: x\n\n" + line(-90) + "#0\n" + line(-1))).unparsed == 1


def test_a_flood_is_cut_and_said_so(tmp_path: Path) -> None:
    text = "".join(line(-30 + number / 1000, "ERROR", f"{number:05}") for number in range(20_000))
    reading = read(write(tmp_path / "laravel.log", text), max_bytes=100_000)
    assert reading.truncated
    assert messages(reading)[:2] == ["00000", "00001"]
    assert 2000 < len(reading.entries) < 2500
    assert reading.newest_at == (NOW - timedelta(minutes=30 - 19.999)).replace(microsecond=0)


def test_a_line_longer_than_the_limit(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "laravel.log", line(-30, "ERROR", "x" * 1_000_000) + line(-1)), max_bytes=100_000)
    assert (reading.truncated, reading.entries) == (True, ())
    assert reading.newest_at == NOW - timedelta(minutes=1)


def test_only_the_end_of_a_huge_file_is_looked_through(tmp_path: Path) -> None:
    old = line(-600, "ERROR", "old") + "#0 trace\n" * 50_000
    enough = read(write(tmp_path / "laravel.log", old + line(-70) + line(-30, "ERROR", "new")), scan_bytes=10_000)
    assert (messages(enough), enough.truncated, enough.unparsed) == (["new"], False, 0)
    short = read(write(tmp_path / "laravel.log", old + line(-30, "ERROR", "new")), scan_bytes=10_000)
    assert (messages(short), short.truncated) == (["new"], True)


def test_damaged_gzip_is_named(tmp_path: Path) -> None:
    whole = gzip.compress(line(-30, "ERROR", "x").encode() * 1000)
    path = write(tmp_path / "laravel.log.1.gz", whole[: len(whole) // 2])
    write(tmp_path / "laravel.log", line(-1))
    assert read(tmp_path / "laravel.log").broken == (str(path),)


def test_names_that_need_quoting(tmp_path: Path) -> None:
    folder = tmp_path / "it's a $(log) *"
    folder.mkdir()
    assert messages(read(write(folder / "laravel.log", line(-1, message="seen")))) == ["seen"]


def test_odd_files(tmp_path: Path) -> None:
    (tmp_path / "laravel.log").symlink_to("/nonexistent")
    (tmp_path / "laravel.log.1").mkdir()
    os.mkfifo(tmp_path / "laravel.log.2")
    reading = read(tmp_path / "laravel.log", user=ME)
    assert [Path(file.path).name for file in reading.unreadable] == ["laravel.log", "laravel.log.2"]
    assert reading.entries == ()


def test_control_characters_and_broken_text(tmp_path: Path) -> None:
    text = line(-30, "ERROR", "a").encode()[:-1] + b"\x0c\xff\xe2\x80\xa8\x1b[31m%s\n" + line(-29).encode()
    reading = read(write(tmp_path / "laravel.log", text))
    assert messages(reading) == ["a\x0c\ufffd\u2028\x1b[31m%s", "m"]


def test_several_logs_in_one_look(tmp_path: Path) -> None:
    nginx = f"{at(-5).replace('-', '/')} [error] 12#12: *7 connect() failed (111: Connection refused) while connecting to upstream\n"
    fpm = f"[{(NOW - timedelta(minutes=4)).strftime('%d-%b-%Y %H:%M:%S')}] WARNING: [pool www] server reached pm.max_children setting (5)\n"
    sources = [
        LogSource("nginx", str(write(tmp_path / "error.log", nginx)), UTC_ZONE),
        LogSource("php-fpm", str(write(tmp_path / "php8.2-fpm.log", fpm)), UTC_ZONE),
        LogSource("laravel", str(write(tmp_path / "laravel.log", line(-3))), UTC_ZONE),
        LogSource("nginx", str(tmp_path / "none.log"), UTC_ZONE),
    ]
    one, two, three, four = LogReader(SERVER, sources).since(NOW - timedelta(hours=1))
    assert [entry.at for entry in one.errors] == [NOW - timedelta(minutes=5)]
    assert [entry.at for entry in two.saturations] == [NOW - timedelta(minutes=4)]
    assert [entry.at for entry in three.entries] == [NOW - timedelta(minutes=3)]
    assert (two.errors, three.errors, four.missing) == ((), (), True)


def test_an_instant_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        LogReader(SERVER, [LogSource("laravel", str(tmp_path / "x.log"), UTC_ZONE)]).since(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_reader_that_does_not_finish(tmp_path: Path) -> None:
    reader = LogReader(SERVER, [LogSource("laravel", str(tmp_path / "x.log"), UTC_ZONE)], timeout_s=0.001)
    with pytest.raises(ObservationError, match="did not end within"):
        reader.since(NOW)


@pytest.fixture(params=["dash", "busybox sh"])
def shell(request: pytest.FixtureRequest) -> list[str]:
    words = str(request.param).split()
    if subprocess.run(["sh", "-c", f"command -v {words[0]}"], capture_output=True, check=False).returncode:
        pytest.skip(f"{words[0]} is not installed")
    return words


def test_the_script_runs_in_plain_shells(shell: list[str], tmp_path: Path) -> None:
    """Not only in the machine's own sh: servers have others."""
    write(tmp_path / "laravel.log", line(-1))
    script = Path(__file__).parents[2] / "deploycheck" / "targets" / "logs.sh"
    answer = subprocess.run(
        [*shell, script, "mark", ME, "1000", "1000", "laravel", tmp_path / "laravel.log", "0", at(-5), at(-5), at(-5)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert answer.stdout.endswith("\n.\nend\n")
    assert answer.stderr == ""


def test_over_ssh(tmp_path: Path) -> None:
    path = write(tmp_path / "laravel.log", line(-1, "ERROR", "seen"))
    (tmp_path / "sshd").mkdir()
    with running_sshd(tmp_path / "sshd") as sshd:
        server = Server("web1", sshd.url, identity_file=sshd.key, known_hosts=sshd.known_hosts)
        (reading,) = LogReader(server, [LogSource("laravel", str(path), UTC_ZONE)]).since(NOW - timedelta(hours=1))
        server.close()
    assert messages(reading) == ["seen"]
