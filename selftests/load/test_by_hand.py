"""The load by hand: locust's own command line, its web page, several machines; always within the bounds of the profile."""

from __future__ import annotations

import os
import signal
import socket
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.target import Target, always
from deploycheck.load.plan import Plan, Shot
from deploycheck.load.result import result_of
from deploycheck.load.runner import shortcoming
from deploycheck.load.samples import MASTER, master, parts
from selftests.load.by_hand import by_hand, wait_until

SHOT = (Shot("x", "/x"),)


def test_a_load_that_is_ended_from_outside_tells_what_it_has(tmp_path: Path) -> None:
    """As by Ctrl-C, by hand."""
    with Target(always(0.01)) as target:
        locust = by_hand(target, tmp_path, "--load-rate", "40", "--load-time", "60", "--load-samples", str(tmp_path / "samples"))
        wait_until(lambda: target.requests > 40)
        locust.send_signal(signal.SIGINT)
        said, _ = locust.communicate(timeout=60)
        (part,) = parts(tmp_path / "samples")

        assert target.requests - 5 <= len(part.samples) <= target.requests
    assert locust.returncode == 0
    assert "Shutting down" in said


@pytest.mark.parametrize(
    ("options", "permits", "says"),
    [
        ([], "", "hand does not permit load; expected both in its profile"),
        (["-H", "http://elsewhere.test"], ', "load"', "http://elsewhere.test is not http://127.0.0.1"),
        (["--load-rate", "51"], ', "load"', "51 requests per second are more than the 50 that hand allows"),
    ],
)
def test_by_hand_nothing_goes_beyond_the_profile(options: list[str], permits: str, says: str, tmp_path: Path) -> None:
    """No other target, no higher rate, nothing where load is not permitted: not one request."""
    with Target() as target:
        locust = by_hand(target, tmp_path, *options, permits=permits)
        said, _ = locust.communicate(timeout=30)

        assert says in said
        assert locust.returncode != 0
        assert target.requests == 0


def test_locusts_web_page_stays_within_the_profile_too(tmp_path: Path) -> None:
    """It changes the options of each load, and neither target nor plan."""
    port = str(29_000 + os.getpid() % 900)

    def swarm(**form: str) -> None:
        data = urllib.parse.urlencode({"user_count": "2", "spawn_rate": "2", **form}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{port}/swarm", data, timeout=10).read()

    with Target(always(0.005)) as target, Target() as other:
        locust = by_hand(target, tmp_path, "--web-host", "127.0.0.1", "--web-port", port, headless=False)
        wait_until(lambda: listens(int(port)))
        swarm(host=other.url)
        swarm(host="", load_requests="20", deploycheck_plan=Plan(other.url, SHOT).text())
        wait_until(lambda: target.requests >= 20)
        locust.send_signal(signal.SIGTERM)
        said, _ = locust.communicate(timeout=60)

        assert f"{other.url} is not {target.url}" in said
        assert (target.requests, other.requests) == (20, 0)


def listens(port: int) -> bool:
    """Return whether somebody takes connections there."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def test_a_machine_that_dies_in_the_middle_is_reported(tmp_path: Path) -> None:
    """Master and workers by their own commands, as on several machines; what the dead one had reported counts, and the load is invalid."""
    port = str(20_000 + os.getpid() % 9000)
    samples = tmp_path / "samples"
    ours = ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "2"]
    with Target(always(0.005)) as target:
        first = by_hand(
            target, tmp_path, *ours, "-u", "2", "-r", "2", "--load-rate", "40", "--load-time", "10", "--load-samples", str(samples)
        )
        workers = [by_hand(target, tmp_path, "--master-port", port, worker=True) for _ in range(2)]
        wait_until(lambda: target.requests > 120)
        workers[0].kill()
        said, _ = first.communicate(timeout=90)
        for worker in workers:
            worker.communicate(timeout=60)
    seen, told = [part for part in parts(samples) if part.about], master(samples)
    plan = Plan(target.url, SHOT, rate_per_s=40, limit_s=10, processes=2)
    trouble = shortcoming(plan, result_of(plan, seen, told, datetime.now(UTC)))

    assert "was lost; what it had not reported yet is lost with it" in said
    assert len(told["lost"]) == 1
    assert len(seen) == 2
    assert "1 of 2 processes of the load were lost" in str(trouble)
    assert (samples / f"{MASTER}.json").exists()
