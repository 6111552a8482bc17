"""Performance Verification, as far as it needs no load: the database, Redis, and the memory of every server."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from deploycheck.errors import Inconclusive, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.observatory import looking_ahead
from deploycheck.questions.before import part_of
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.database_load import lock_shortfalls, running_shortfalls, slow_shortfalls
from deploycheck.rules.memory import Strain, available_shortfalls, kill_shortfalls, swap_shortfalls
from deploycheck.rules.redis_latency import latency_shortfalls, with_omitted
from deploycheck.targets.database_load import Activity, SlowLog, activity, slow_log
from deploycheck.targets.memory import Memory
from deploycheck.targets.redis_latency import PingTimes, ping_times

SLOW_WINDOW_S = 600.0
LOCK_STATE = "waiting for"


def database(gateway: Gateway) -> list[Question]:
    """Return the questions of perf.database: what runs, who waits for a lock, what was slow."""
    settings, limits = gateway.profile.database, gateway.profile.thresholds
    if not settings:
        return [unanswerable("statements", NotConfigured("[database]"))]

    def look() -> Activity:
        return gateway.once("database activity", lambda: activity(gateway.connections.database()))

    def slow() -> SlowLog:
        server = gateway.connections.server(settings.server)
        return gateway.once("slow log", lambda: slow_log(gateway.connections.database(), server, SLOW_WINDOW_S))

    def running(seen: Activity) -> list[str]:
        return running_shortfalls([(entry.running_s, entry.statement) for entry in seen.statements], limits.statement_s)

    def locks(seen: Activity) -> list[str]:
        waiting = {entry.id: (entry.waiting_s, entry.statement) for entry in seen.lock_waits}
        tables = {entry.id: (entry.running_s, entry.statement) for entry in seen.statements if _waits(entry.state)}
        return lock_shortfalls(list({**tables, **waiting}.values()), limits.lock_wait_s)

    def slowness(seen: SlowLog) -> list[str]:
        entries = [(entry.took_s, entry.statement) for entry in seen.entries]
        return slow_shortfalls(
            enabled=seen.enabled, entries=entries, window_s=seen.window_s, threshold_s=seen.threshold_s, limit=limits.slow_statements
        )

    return [
        Question("running statements", look, running, f"database {settings.name}"),
        Question("locks", look, locks, f"database {settings.name}"),
        Question("slow log", slow, slowness, f"database {settings.name}"),
    ]


def _waits(state: str) -> bool:
    words = state.lower()
    return words.startswith(LOCK_STATE) and "lock" in words


def redis(gateway: Gateway) -> list[Question]:
    """Return the question of perf.redis. Times beyond their limit are taken once more by the check: when the first were, this verifier was
    asking for many things at once, on the same server too. The second ones count, and say so.
    """
    settings, limits = gateway.profile.redis, gateway.profile.thresholds
    if not settings:
        return [unanswerable("latency", NotConfigured("[redis]"))]

    def times() -> PingTimes:
        return ping_times(gateway.connections.server(settings.server), settings)

    def shortfalls(seen: PingTimes) -> list[str]:
        return latency_shortfalls(with_omitted(seen.times_ms, seen.interval_ms), {0.5: limits.redis_p50_ms, 0.99: limits.redis_p99_ms})

    def look() -> PingTimes:
        first = gateway.once("redis latency", times)
        with contextlib.suppress(Inconclusive):
            if (late := shortfalls(first)) and not looking_ahead():
                return replace(gateway.once("redis latency again", times), instead_of="; ".join(late))
        return first

    return [Question("latency", look, shortfalls, f"Redis at {settings.host}:{settings.port} on {settings.server}", lasts=True)]


def memory(gateway: Gateway) -> list[Question]:
    """Return the questions of perf.memory: what is left, OOM kills and swap, of every server."""
    if not gateway.profile.servers:
        return [unanswerable("memory", NotConfigured("[servers]"))]
    return [question for server in gateway.profile.servers for question in _memory(gateway, server)]


def _memory(gateway: Gateway, server: str) -> Sequence[Question]:
    limits = gateway.profile.thresholds

    def look() -> Memory:
        seen = gateway.facts(server).memory
        if seen is None:
            raise ObservationError(f"{server}: /proc/meminfo does not tell what is available; expected Linux 3.14 or newer")
        return seen

    def before() -> Strain:
        servers = part_of(gateway, "servers", "memory of servers")
        if server not in servers:
            raise Inconclusive(f"the baseline does not know {server}; expected one taken with the present profile")
        then = servers[server]
        return Strain(then.oom_kills, then.boot_id, then.swap_used_bytes)

    def available(seen: Memory) -> list[str]:
        return available_shortfalls(seen.available_bytes, seen.total_bytes, limits.memory_available_ratio)

    def kills(seen: Memory) -> list[str]:
        return kill_shortfalls(before(), _strain(seen))

    def swap(seen: Memory) -> list[str]:
        return swap_shortfalls(before(), _strain(seen), limits.swap_growth_bytes)

    return [
        Question(f"available on {server}", look, available, server),
        Question(f"OOM kills on {server}", look, kills, server),
        Question(f"swap on {server}", look, swap, server),
    ]


def _strain(seen: Memory) -> Strain:
    return Strain(seen.oom_kills, seen.boot_id, seen.swap_used_bytes)
