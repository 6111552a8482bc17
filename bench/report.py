"""How big report.html is, how long it takes to render, and how long Chromium takes to open it: `python -m bench.report`.

Every check of the made-up runs keeps an exchange, every tenth a measurement, every fiftieth has failed. A folder of a real run
may be given instead. Opening is measured from the navigation to the first painting after the load event, in a fresh page, five times.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploycheck.checklist import items
from deploycheck.evidence.run import JOURNAL, read_run
from deploycheck.report.page import render
from selftests.report.browser import Browser, chromium

TIMES = 5
BEGAN = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="folders of runs")
    parser.add_argument("--checks", type=int, nargs="*", default=[1_000, 10_000], help="sizes of made-up runs (default: 1000 10000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        made = [write(Path(kept) / str(number), number) for number in options.checks]
        browser = Browser(Path(kept) / "profile") if chromium() else None
        print(f"{'run':>24} {'checks':>7} {'bytes':>11} {'read s':>7} {'render s':>9} {'(cpu)':>7} {'open s':>7}")
        for folder in [*options.folders, *made]:
            print(measure(folder, browser))
        if browser:
            browser.close()
    return 0


def measure(folder: Path, browser: Browser | None) -> str:
    """Return one row of the table: the least of several renderings, for other work on the machine only adds; the median of openings."""
    begin = time.perf_counter()
    run = read_run(folder)
    read_s = time.perf_counter() - begin
    page, times, cpu = "", [], []
    for _ in range(TIMES):
        begin, begin_cpu = time.perf_counter(), time.process_time()
        page = render(run)
        times.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - begin_cpu)
    file = folder / "bench.html"
    file.write_text(page, encoding="utf-8")
    opened = f"{statistics.median(_opened(browser, file) for _ in range(TIMES)):7.2f}" if browser else "no Chromium"
    size = file.stat().st_size
    file.unlink()
    return f"{folder.name:>24} {len(run.planned):>7,} {size:>11,} {read_s:7.2f} {min(times):9.2f} {min(cpu):7.2f} {opened}"


def _opened(browser: Browser, file: Path) -> float:
    page = browser.page()
    taken = page.open(file)
    page.close()
    return taken


def write(folder: Path, number: int) -> Path:
    """Write the journal of a made-up run of so many checks, and return its folder."""
    folder.mkdir(parents=True)
    with (folder / JOURNAL).open("w", encoding="utf-8") as journal:
        for kind, test, item, data in _records(number):
            record = {"schema": 1, "time": BEGAN.isoformat(), "monotonic_s": 0.0, "kind": kind, "test": test, "item": item, "data": data}
            journal.write(json.dumps(record) + "\n")
    return folder


def _records(number: int) -> Iterator[tuple[str, str | None, str | None, Mapping[str, Any]]]:
    known = list(items())
    tests = [
        {"test": f"tests_postdeploy/test_it.py::test_it[{one}]", "item": known[one * len(known) // number], "title": f"Check [way {one}]"}
        for one in range(number)
    ]
    release = {"version": "1.2.3", "commit": "0" * 40}
    yield "run-started", None, None, {"environment": "bench", "stage": "postdeploy", "release": release, "started_by": "bench"}
    yield "planned", None, None, {"tests": tests}
    for one, entry in enumerate(tests):
        failed = one % 50 == 49
        yield "exchange", entry["test"], entry["item"], _exchange(one)
        if one % 10 == 0:
            yield "measurement", entry["test"], entry["item"], {"title": "used", "value": one / number, "unit": "ratio", "limit": 0.8}
        seen, expected = (f"GET /api/health/{one} answered 503", "200") if failed else ("", "")
        words = {"seen": seen, "expected": expected, "blame": "", "remedy": ""}
        yield "result", entry["test"], entry["item"], {
            "title": entry["title"], "outcome": "failed" if failed else "passed", "duration_s": 0.01, **words,
        }  # fmt: skip
    yield "run-ended", None, None, {"verdict": "no-go", "exit_code": 1, "interrupted": False, "reason": ""}


def _exchange(one: int) -> Mapping[str, Any]:
    services = {name: {"healthy": True, "message": f"{name}: answered {one} times"} for name in ("database", "redis", "queue", "storage")}
    return {
        "title": f"way {one}", "method": "GET", "url": f"https://api.gateway.test/api/health/{one}", "address": "127.0.0.1:443",
        "request_headers": {"user-agent": "deploycheck/0.1.0"}, "request_body": "", "status": 200, "reason": "OK",
        "headers": {"content-type": "application/json", "date": "Mon, 23 Nov 2026 14:00:00 GMT", "x-request-id": f"{one:032x}"},
        "body": json.dumps({"status": "healthy", "services": services}), "observed_at": BEGAN.isoformat(),
        "timing": {"dns_ms": None, "connect_ms": 0.1, "tls_ms": 14.4, "first_byte_ms": 26.3, "total_ms": 26.8, "reused": False},
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
