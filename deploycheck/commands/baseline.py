"""`baseline`: notes what an environment is like before a deployment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from deploycheck import local
from deploycheck.baseline import Baseline, QueueBefore, ServerBefore, TrafficBefore, write
from deploycheck.errors import DeploycheckError, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.profile import load
from deploycheck.questions.immediate import loads
from deploycheck.questions.load_compared import load_before
from deploycheck.questions.monitored import traffic_before
from deploycheck.release import Release
from deploycheck.targets.data import row_counts
from deploycheck.targets.database import count
from deploycheck.targets.facts import ServerFacts, server_facts

# What the gateway has lately been like; what happened longer ago is not "before the deployment".
SPAN_S = 3600.0
T = TypeVar("T")


def take_baseline(name: str, reports: Path, *, with_load: bool = False) -> str:
    """Look at the environment and keep the snapshot; return the sentence that says so, and what the snapshot lacks.

    Args:
        with_load: also make the runbook's load, to be compared with the one after the deployment.

    Raises:
        DeploycheckError: the profile cannot be used, or commit and failed jobs could not be looked at; the snapshot before it is kept.
    """
    environment = load(name, facts=local.facts)
    if not environment.settings.deployment:
        raise NotConfigured(f"{environment.path} has no [deployment]; expected it, to know the server to look at")
    observatory = Observatory()
    nothing = Release(version="before", commit="0" * 40)
    gateway = Gateway(environment, nothing, observatory, reports)
    try:
        baseline = _loaded(gateway, _look(gateway)) if with_load else _look(gateway)
    finally:
        observatory.close()
        gateway.close()
    path = write(baseline, reports)
    lacks = "".join(f"\n  it lacks {part}: {why}" for part, why in baseline.missing.items())
    return f"baseline of {environment.name} at {baseline.commit[:12]}: {baseline.failed_jobs} failed jobs ({path}){lacks}"


def _look(gateway: Gateway) -> Baseline:
    """Look at everything side by side."""
    profile = gateway.profile
    with ThreadPoolExecutor(6) as pool:
        facts = {
            name: pool.submit(server_facts, gateway.connections.server(name), profile, programs=False)
            for name in {gateway.deployment.server, *profile.servers}
        }
        failed_jobs = pool.submit(lambda: count(gateway.connections.database(), "failed_jobs"))
        parts: dict[str, Callable[[], object]] = {
            "rows": lambda: _rows(gateway),
            "servers": lambda: {server: _server(facts[server].result()) for server in profile.servers},
            "queues": lambda: _queues(gateway),
            "traffic": lambda: traffic_before(gateway, SPAN_S, profile.thresholds.compared_requests),
        }
        looks = {part: pool.submit(_tried, look) for part, look in parts.items()}
        seen = {part: look.result() for part, look in looks.items()}
        here = facts[gateway.deployment.server].result()
        here.known("commit", here.commit)
        commit, failed = here.commit or "", failed_jobs.result()
    rows, servers, queues, traffic = (seen[part][0] for part in parts)
    return Baseline(
        datetime.now(UTC),
        gateway.environment.name,
        commit,
        failed,
        rows=rows if isinstance(rows, dict) else None,
        servers=servers if isinstance(servers, dict) else None,
        queues=queues if isinstance(queues, dict) else None,
        traffic=traffic if isinstance(traffic, TrafficBefore) else None,
        missing={part: why for part, (_, why) in seen.items() if why},
    )


def _loaded(gateway: Gateway, baseline: Baseline) -> Baseline:
    """Return the baseline with a load, made when nothing else is looked at any more; or with why there is none."""
    seen, why = _tried(lambda: load_before(gateway))
    return replace(baseline, load=seen, missing={**baseline.missing, **({"load": why} if why else {})})


def _tried(look: Callable[[], T]) -> tuple[T | None, str]:
    """Return what was seen, or why it could not be: a baseline without one part is better than none."""
    try:
        return look(), ""
    except NotConfigured as trouble:
        return None, f"the profile lacks {trouble}"
    except DeploycheckError as trouble:
        return None, str(trouble)


def _rows(gateway: Gateway) -> dict[str, int]:
    settings = gateway.profile.data
    if not settings:
        raise NotConfigured("[data]")
    return dict(row_counts(gateway.connections.database(), settings.guarded).rows)


def _server(facts: ServerFacts) -> ServerBefore:
    memory = facts.memory
    facts.known("memory", memory)
    assert memory, "known insists on it"
    workers: Mapping[str, int] = {f"{process.pid} {process.command}": process.resident_bytes for process in facts.processes}
    return ServerBefore(facts.commit, memory.available_bytes, memory.swap_used_bytes, memory.oom_kills, memory.boot_id, workers)


def _queues(gateway: Gateway) -> dict[str, QueueBefore]:
    return {name: QueueBefore(load.depths[-1], load.growth_per_s, load.oldest_s) for name, load in loads(gateway).items()}
