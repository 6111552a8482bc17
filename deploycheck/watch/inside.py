"""What a watch looks at on the servers, by ssh: database, Redis and queues, failed jobs, memory of servers and workers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from deploycheck.connections import Connections
from deploycheck.errors import Blame, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.rules.samples import Figure, Sample, Stream
from deploycheck.settings import Profile
from deploycheck.targets.database import Database, count
from deploycheck.targets.redis import Redis
from deploycheck.targets.server import Server
from deploycheck.watch.looks import Entry, Look

KIB = 1024
_MEMORY = """
grep -E '^(MemTotal|MemAvailable):' /proc/meminfo
ps -eo pid=,ppid=,rss=,args= | awk -v me=$$ '$1 != me && $2 != me' | grep -E -- "$1" | grep -v 'grep -E' | sed 's/^/worker /'
"""
_LATE = "did not end within"


class Lines:
    """One ssh connection per server that is made anew when it is lost; elsewhere in a run a server that was lost stays so."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._of: dict[str, Connections] = {}

    def server(self, name: str) -> Server:
        """Return the client of one server."""
        return self._of.setdefault(name, Connections(self._profile)).server(name)

    def lost(self, name: str) -> None:
        """Forget the connection of one server."""
        if lost := self._of.pop(name, None):
            lost.close()

    def close(self) -> None:
        """End all connections."""
        for name in list(self._of):
            self.lost(name)


class InsideLooks:
    """Makes the looks of one gateway's inside."""

    def __init__(self, gateway: Gateway, lines: Lines) -> None:
        self._profile, self._lines = gateway.profile, lines
        self._settings = gateway.profile.watch

    def looks(self) -> list[Look]:
        """Return the looks, a little apart from each other."""
        every = [*self._made()]
        return [replace(look, offset_s=look.every_s * number / len(every)) for number, look in enumerate(every)]

    def _made(self) -> Iterator[Look]:
        profile, settings = self._profile, self._settings
        if profile.database:
            yield Look("database", settings.service_every_s, partial(self._service, "database", profile.database.server, self._failed_jobs))
        if profile.redis:
            yield Look("redis", settings.service_every_s, partial(self._service, "redis", profile.redis.server, self._depths))
        for name in profile.servers:
            yield Look(f"memory of {name}", settings.figures_every_s, partial(self._memory, name))

    def _service(self, name: str, server: str, ask: Callable[[float], list[Entry]], due: float) -> list[Entry]:
        """Ask a service for figures: that it gives them is its being there."""
        begun, said, blind = time.monotonic(), "", ""
        found: list[Entry] = []
        try:
            found = ask(due)
        except ObservationError as trouble:
            said = str(trouble)
            blind = said if self._lost(server, trouble) else ""
        if name not in self._settings.critical:
            return found
        sample = Sample(due, Stream.SERVICE, name, bad=int(bool(said)), took_s=time.monotonic() - begun, blind=blind, said=said[:400])
        return [sample, *found]

    def _lost(self, server: str, trouble: ObservationError) -> bool:
        """Return whether it is the way to the server that was lost, or our right to ask: that says nothing of what is asked there."""
        unreached = str(trouble).startswith(f"server {server}:") and _LATE not in str(trouble)
        if unreached:
            self._lines.lost(server)
        return unreached or trouble.blame in (Blame.CONFIGURATION, Blame.VERIFIER)

    def _failed_jobs(self, due: float) -> list[Entry]:
        settings = self._profile.database
        assert settings, "made only for a profile that has one"
        bounded = settings.model_copy(update={"timeout_s": self._settings.timeout_s})
        database = Database(self._lines.server(settings.server), bounded)
        return [Figure(due, "failed_jobs", "failed_jobs", count(database, "failed_jobs"))]

    def _depths(self, due: float) -> list[Entry]:
        settings, queues = self._profile.redis, self._profile.queues
        assert settings, "made only for a profile that has one"
        redis = Redis(self._lines.server(settings.server), settings.model_copy(update={"timeout_s": self._settings.timeout_s}))
        keys = {name: f"{queues.prefix}queues:{name}" for name in queues.names} if queues else {}
        commands = [words for key in keys.values() for words in (("LLEN", key), ("ZCARD", f"{key}:reserved"))]
        said, *answers = redis.ask([("INFO", "commandstats"), *commands])
        sizes = [int(lines[0]) if lines and lines[0].strip().isdecimal() else 0 for lines in answers]
        depths: list[Entry] = [
            Figure(due, "queue_depth", name, sum(sizes[2 * number : 2 * number + 2])) for number, name in enumerate(keys)
        ]
        return [*depths, Figure(due, "jobs_finished", "all queues", finished_jobs(said))]

    def _memory(self, name: str, due: float) -> list[Entry]:
        workers, server = self._profile.workers, self._profile.servers[name]
        pattern = workers.process.replace("{app}", re.escape(server.app)) if workers else "^$"
        try:
            answer = self._lines.server(name).script(_MEMORY, pattern, timeout_s=self._settings.timeout_s)
        except ObservationError as trouble:
            self._lost(name, trouble)
            raise
        return memory_figures(answer.stdout, name, due)


def finished_jobs(said: Sequence[str]) -> int:
    """Return how many jobs have been taken off the queues for good since Redis was started.

    Source: Laravel's RedisQueue removes a job that is done, or that has failed for good, from the reserved ones by ZREM; INFO commandstats.
    """
    found = re.search(r"^cmdstat_zrem:calls=(\d+)", "\n".join(said), re.MULTILINE)
    return int(found[1]) if found else 0


def memory_figures(text: str, server: str, due: float) -> list[Entry]:
    """Return what a server and each of its workers hold.

    Raises:
        ObservationError: the server does not tell.
    """
    sizes = {name: int(size) * KIB for name, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
    if not {"MemTotal", "MemAvailable"} <= set(sizes):
        raise ObservationError(f"server {server}: /proc/meminfo does not tell what is available; expected Linux 3.14 or newer")
    found: list[Entry] = [Figure(due, "server_used_bytes", server, sizes["MemTotal"] - sizes["MemAvailable"])]
    found.append(Figure(due, "server_total_bytes", server, sizes["MemTotal"]))
    for pid, resident in re.findall(r"^worker\s+(\d+)\s+\d+\s+(\d+)", text, re.MULTILINE):
        found.append(Figure(due, "worker_bytes", f"{server}, process {pid}", int(resident) * KIB))
    return found
