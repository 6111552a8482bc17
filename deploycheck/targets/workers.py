"""What the queue workers run: by their processes on the server, and by their own word over HTTP."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from deploycheck.errors import ObservationError
from deploycheck.rules.deployment import Running
from deploycheck.rules.health import dotted
from deploycheck.settings.machines import WorkerVersions
from deploycheck.targets.facts import Process, server_facts

if TYPE_CHECKING:
    from deploycheck.gateway import Gateway

# A worker tells what it runs within a second of its start; one that is being restarted needs a moment longer.
PATIENCE_S = 5.0


def running_workers(gateway: Gateway, server: str) -> tuple[Running, ...]:
    """Return what every worker process of one server runs; None for one that does not say within a few seconds.

    A worker that goes by another command line than the profile knows is not among the processes; what it says counts all the
    same when it is not the release. One that was killed is still said to live for a moment, so such a worker is waited for.

    Raises:
        ObservationError: the server or the endpoint cannot be asked, or the endpoint has no list of workers.
    """
    deadline = time.monotonic() + PATIENCE_S
    facts, told = gateway.facts(server), _of(gateway, server, _shared(gateway))
    while (not _all_told(facts.processes, told) or _strangers(gateway, facts.processes, told)) and time.monotonic() < deadline:
        time.sleep(0.5)
        facts, told = server_facts(gateway.connections.server(server), gateway.profile), _of(gateway, server, _entries(gateway))
    strangers = _strangers(gateway, facts.processes, told)
    return tuple(
        Running(f"worker {process.pid} on {server}{_queues(process.command)}", told.get(process.pid), process.started_at)
        for process in facts.processes
    ) + tuple(Running(f"worker {pid} on {server}, started in another way than the profile's,", told[pid]) for pid in strangers)


def _queues(command: str) -> str:
    """Return, in brackets, the queues that a worker's command line names."""
    named = re.search(r"--queue[= ](\S+)", command)
    return f" (queues {named[1]})" if named else ""


def _strangers(gateway: Gateway, processes: tuple[Process, ...], told: dict[int, str]) -> list[int]:
    """Return the workers that say they run something else than the release, and are not among the known processes."""
    known = {process.pid for process in processes}
    return [pid for pid, runs in told.items() if pid not in known and runs not in (gateway.release.commit, gateway.release.version)]


def _all_told(processes: tuple[Process, ...], told: dict[int, str]) -> bool:
    return bool(processes) and all(process.pid in told for process in processes)


def _shared(gateway: Gateway) -> list[Any]:
    """Return the answer in which all servers' workers stand, asked for once; a second time if that failed, for it would fail them all."""
    try:
        entries: list[Any] = gateway.once("workers told", lambda: _entries(gateway))
    except ObservationError:
        return _entries(gateway)
    return entries


def _entries(gateway: Gateway) -> list[Any]:
    """Return what the workers of all servers say of themselves."""
    versions = _versions(gateway)
    token = gateway.environment.secret(versions.token_variable)
    exchange = gateway.connections.http().get(versions.path, headers={"Authorization": f"Bearer {token}"} if token else {})
    entries: Any = dotted(exchange.json(), versions.field)
    if not isinstance(entries, list):
        raise ObservationError(f"{exchange} without a list at {versions.field!r}; expected the workers with their commits")
    return entries


def _of(gateway: Gateway, server: str, entries: list[Any]) -> dict[int, str]:
    """Return, by process id, the commit that each worker of a server says it runs."""
    versions, label = _versions(gateway), gateway.profile.servers[server].label or server
    return {
        int(entry["pid"]): str(entry[versions.commit])
        for entry in entries
        if isinstance(entry, dict) and entry.get(versions.server) == label and "pid" in entry and entry.get(versions.commit)
    }


def _versions(gateway: Gateway) -> WorkerVersions:
    versions = gateway.profile.workers.versions if gateway.profile.workers else None
    assert versions, "asked only where the profile has [workers.versions]"
    return versions
