"""Staging's test data and profiling: each passed, failed and error, by a change of state in its own source."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploycheck.outcomes import Ending
from selftests.predeploy.asking import asked, told
from selftests.stub import Answer, Stub

CLOSED = 'ssh = "ssh://127.0.0.1:1"\napp = "/app"'
DAY_S = 86_400


def data(folder: Path, source: str, *, ssh: str = 'ssh = "local://"\napp = "/app"') -> Ending:
    """Return how staging.test-data ends with a source."""
    script = f'[database]\nserver = "app"\nname = "gateway"\ndefaults_file = "/etc/my.cnf"\nclient = "{folder}/client"\n'
    application = '[application]\nenvironment = "staging"\ntime_zone = "Europe/Berlin"\n'
    return asked("staging.test-data", folder, f"staging = true\n[servers.app]\n{ssh}\n{application}{script}[test_data]\n{source}")["marker"]


def client(folder: Path, script: str) -> None:
    """Put a database client there that answers every statement so."""
    file = folder / "client"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


QUERY = 'query = "SELECT MAX(refreshed_at) FROM test_data"'


@pytest.mark.parametrize(
    ("age_s", "outcome", "words"),
    [
        (7 * DAY_S - 60, "passed", ""),
        (7 * DAY_S + 60, "failed", "7.0 days ago"),
        (-3600, "failed", "which is in the future"),
    ],
)
def test_test_data_by_query_and_by_file(tmp_path: Path, age_s: float, outcome: str, words: str) -> None:
    """The query's instant is in the application's zone; the file counts by its time."""
    written = (datetime.now(UTC) - timedelta(seconds=age_s)).astimezone(ZoneInfo("Europe/Berlin"))
    client(tmp_path, f"echo '{written:%Y-%m-%d %H:%M:%S}'")
    marker = tmp_path / "refreshed"
    marker.touch()
    os.utime(marker, (time.time() - age_s, time.time() - age_s))
    for ended in (data(tmp_path, QUERY), data(tmp_path, f'file = "{marker}"\nserver = "app"')):
        assert ended.outcome.value == outcome, told(ended)
        assert words in ended.seen


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo NULL", "returned NULL"),
        ("true", "returned 0 rows without an instant"),
        ("echo soon", "returned 'soon'"),
        ("echo 'ERROR 1045 (28000): Access denied' >&2; exit 1", "Access denied"),
        ('echo "ERROR 2002: Can\'t connect" >&2; exit 1', "Can't connect"),
    ],
)
def test_test_data_that_the_database_does_not_date(tmp_path: Path, script: str, words: str) -> None:
    """Never refreshed, garbage, refused, down."""
    client(tmp_path, script)
    ended = data(tmp_path, QUERY)

    assert ended.outcome.value == "error"
    assert words in ended.seen


def test_test_data_without_a_marker_or_a_server(tmp_path: Path) -> None:
    """Nobody can say when it was refreshed."""
    absent = data(tmp_path, f'file = "{tmp_path}/none"\nserver = "app"')
    unreachable = data(tmp_path, f'file = "{tmp_path}/none"\nserver = "app"', ssh=CLOSED)

    assert told(absent).startswith(f"error [missing data] {tmp_path}/none on app does not exist")
    assert told(unreachable).startswith("error [target] server app: ")


def profiling(folder: Path, url: str, probe: str) -> Ending:
    """Return how staging.profiling ends with a probe."""
    profile = f'staging = true\nbase_url = "{url}"\n[servers.app]\nssh = "local://"\napp = "/app"\n[profiling]\n{probe}'
    return asked("staging.profiling", folder, profile)["probe"]


HEADER = 'path = "/p"\nheader = "X-Profiler"\nvalue = "on|enabled"'
FIELD = 'path = "/p"\nfield = "debug.profiler"\nvalue = "true"'


@pytest.mark.parametrize(
    ("probe", "answer", "outcome", "words"),
    [
        (HEADER, Answer(200, {}, {"X-Profiler": "on"}), "passed", ""),
        (HEADER, Answer(200, {}, {"X-Profiler": "off"}), "failed", "header X-Profiler of {url}/p is 'off'"),
        (HEADER, Answer(200, {}), "failed", "header X-Profiler of {url}/p is not there"),
        (HEADER, Answer(503, {}, {"X-Profiler": "on"}), "error", "{url}/p answered 503"),
        (FIELD, Answer(200, {"debug": {"profiler": True}}), "passed", ""),
        (FIELD, Answer(200, {"debug": {"profiler": False}}), "failed", "debug.profiler of {url}/p is 'false'"),
        (FIELD, Answer(200, {"debug": None}), "failed", "is not there"),
        (FIELD, Answer(200, b"<html>"), "error", "{url}/p answered 200 with a body that is not JSON"),
    ],
    ids=range(8),
)
def test_profiling_by_an_answer(tmp_path: Path, probe: str, answer: Answer, outcome: str, words: str) -> None:
    """A header, or a field of the JSON."""
    with Stub({"/p": answer}) as stub:
        ended = profiling(tmp_path, stub.url, probe)
        assert ended.outcome.value == outcome, told(ended)
        assert words.format(url=stub.url) in ended.seen


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("a=1\nTELESCOPE_ENABLED = \"true\" # since May\n", "passed"), ("TELESCOPE_ENABLED=true\nTELESCOPE_ENABLED=false\n", "failed"),
     ("# TELESCOPE_ENABLED=true\n", "failed"), (None, "error")],
    ids=range(4),
)  # fmt: skip
def test_profiling_by_a_setting(tmp_path: Path, text: str | None, outcome: str) -> None:
    """The last line of that name counts."""
    if text is not None:
        (tmp_path / ".env").write_text(text)
    probe = f'file = "{tmp_path}/.env"\nsetting = "TELESCOPE_ENABLED"\nserver = "app"\nvalue = "true"'
    assert profiling(tmp_path, "https://gateway.test", probe).outcome.value == outcome


@pytest.mark.parametrize("item", ["staging.test-data", "staging.tls", "staging.test-mode", "staging.profiling"])
def test_elsewhere_they_are_not_applicable(tmp_path: Path, item: str) -> None:
    """And on staging without a source, they are not configured."""
    assert [ended.outcome.value for ended in asked(item, tmp_path, "").values()] == ["not applicable"]
    assert [ended.outcome.value for ended in asked(item, tmp_path, 'staging = true\nbase_url = "http://gateway.test"').values()] == [
        "not configured"
    ]
