"""How long `pytest -m predeploy` takes with 100 ms on every call to a vendor, with one that hangs, and without any network.

    python -m bench.predeploy [--delay-ms 100] [--runs 3]

The local gateway must be up. Every call goes through delaying proxies; a vendor that hangs takes the connection and says nothing; a black
hole takes no connection at all; no network is a namespace without even loopback.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.delay import delayed
from bench.runs import ROOT, SLACK_S, Ran, run_stage, slowest_alone
from deploycheck.profile import load
from selftests.targets.hostile import full_backlog
from stack.faults.vendors import state_of, tell
from stack.layout import Layout

STAGE = "predeploy"
HANGS_S = 600.0
# The facts of the local gateway that say where a vendor, or what watches the gateway, is reached.
PLACES = {
    "vendors_url": ("vendors", "http://127.0.0.1:{}"),
    "prometheus_url": ("prometheus", "http://127.0.0.1:{}"),
    "alertmanager_url": ("alertmanager", "http://127.0.0.1:{}"),
    "submission_port": ("submission", "{}"),
}


def main() -> int:
    """Measure, and print one line per figure; the exit code is 1 when a vendor that hangs costs more than its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.predeploy", description=__doc__)
    parser.add_argument("--delay-ms", type=float, default=100.0)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    layout = Layout.named()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        text = (ROOT / "environments" / "local.toml").read_text(encoding="utf-8")
        print(f"medians of {options.runs} runs")
        near = _told("no delay", _profile(folder, text), folder, options.runs)
        with delayed([layout.port(port) for port, _ in PLACES.values()], options.delay_ms / 1000) as ports:
            _told(f"{options.delay_ms:.0f} ms on every call", _profile(folder, _far(layout, text, ports)), folder, options.runs)
        usual = statistics.median(run.wall_s for run in near)
        fine = _hanging(layout, _profile(folder, text), folder, near[-1], usual)
        fine &= _without(text, layout, folder, near[-1])
    return 0 if fine else 1


def _told(name: str, profile: Path, folder: Path, times: int) -> list[Ran]:
    """Run the stage, and its slowest question alone."""
    runs = [run_stage(STAGE, profile, folder) for _ in range(times)]
    wall, cpu = statistics.median(run.wall_s for run in runs), statistics.median(run.cpu_s for run in runs)
    slowest, question = slowest_alone(STAGE, profile, folder)
    told = f"CPU {cpu:.2f} s; slowest {slowest:.2f} s, {question}; {runs[-1].passed} passed"
    print(f"{name:28}{wall:6.2f} s of {slowest + SLACK_S:.2f}, {told} {_word(wall <= slowest + SLACK_S)}")
    return runs


def _hanging(layout: Layout, profile: Path, folder: Path, near: Ran, usual_s: float) -> bool:
    """Let one vendor after the other hang."""
    limit_s, fine = _deadline(profile), True
    for vendor, state in state_of(layout).items():
        before = {name: state[name] for name in ("mode", "slow_s")}
        tell(layout, vendor, {"mode": "slow", "slow_s": HANGS_S})
        try:
            run = run_stage(STAGE, profile, folder)
        finally:
            tell(layout, vendor, before)
        turned = {test: end for test, end in run.outcomes.items() if end != near.outcomes[test]}
        good = run.wall_s <= usual_s + limit_s + SLACK_S and set(turned.values()) <= {"error"}
        lines = ", ".join(sorted({run.items[test] for test in turned})) or "none: the stage does not ask it"
        print(f"{f'{vendor} hangs':28}{run.wall_s:6.2f} s of {usual_s + limit_s:.1f}; errors: {lines} {_word(good)}")
        fine &= good
    return fine


def _without(text: str, layout: Layout, folder: Path, near: Ran) -> bool:
    """Run where no call arrives: all vendors behind a black hole, and no network at all."""
    with full_backlog() as address:
        holes = {layout.port(port): int(address.rpartition(":")[2]) for port, _ in PLACES.values()}
        profile = _profile(folder, _far(layout, text, holes))
        runs = {"black hole": run_stage(STAGE, profile, folder)}
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    runs["no network"] = run_stage(STAGE, _profile(folder, text), folder, before=alone)
    limit_s, fine = _deadline(profile), True
    for name, run in runs.items():
        turned = {test: end for test, end in run.outcomes.items() if end != near.outcomes[test]}
        good = run.wall_s <= limit_s + SLACK_S + near.wall_s and set(turned.values()) == {"error"}
        print(f"{name:28}{run.wall_s:6.2f} s of {limit_s + near.wall_s:.1f}; {len(turned)} errors {_word(good)}")
        fine &= good
    return fine


def _word(fine: bool) -> str:
    return "" if fine else "  BEYOND ITS LIMIT"


def _deadline(profile: Path) -> float:
    """Return how long one look at a vendor may take."""
    return load(str(profile), facts=Layout.named().facts).settings.vendor_deadline_s


def _far(layout: Layout, text: str, ports: Mapping[int, int]) -> str:
    """Return the local profile with every vendor behind another port."""
    for fact, (port, form) in PLACES.items():
        text = text.replace(f"${{stack.{fact}}}", form.format(ports[layout.port(port)]))
    return text


def _profile(folder: Path, text: str) -> Path:
    path = folder / f"profile-{abs(hash(text))}.toml"
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
