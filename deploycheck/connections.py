"""The clients of one environment's machines, made from its profile when they are first needed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from deploycheck.errors import NotConfigured
from deploycheck.settings import Profile
from deploycheck.targets.database import Database
from deploycheck.targets.http import Http
from deploycheck.targets.server import Server

BALANCER = "balancer"


class Connections:
    """HTTP by every way, the servers, the database. Nothing is opened before it is asked for."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    @property
    def vantages(self) -> tuple[str, ...]:
        """The ways to reach the gateway over HTTP: through the balancer, and each server at its own address."""
        return (BALANCER, *(name for name, server in self._profile.servers.items() if server.address))

    def http(self, vantage: str = BALANCER) -> Http:
        """Return the client that reaches the gateway by `vantage`, always under its public host name."""
        return self._https[vantage]

    def server(self, name: str) -> Server:
        """Return the client of one server."""
        return self._servers[name]

    def database(self) -> Database:
        """Return the client of the application's database.

        Raises:
            NotConfigured: the profile has no [database].
        """
        settings = self._profile.database
        if not settings:
            raise NotConfigured("[database]")
        return Database(self.server(settings.server), settings)

    def close(self) -> None:
        """End the connections that are kept open between looks."""
        try:
            for server in self._servers.values() if "_servers" in self.__dict__ else ():
                server.close()
        finally:
            if "_sockets" in self.__dict__:
                self._sockets.cleanup()

    @cached_property
    def _https(self) -> Mapping[str, Http]:
        profile = self._profile
        addresses = {name: server.address for name, server in profile.servers.items() if server.address}
        return {
            vantage: Http(
                profile.base_url,
                address=address,
                ca_file=_expanded(profile.ca_file),
                timeout_s=profile.timeout_s,
                deadline_s=profile.timeout_s,
            )
            for vantage, address in {BALANCER: profile.address, **addresses}.items()
        }

    @cached_property
    def _sockets(self) -> tempfile.TemporaryDirectory[str]:
        # Short, because a unix socket's path has at most 107 characters.
        return tempfile.TemporaryDirectory(prefix="dc-")

    @cached_property
    def _servers(self) -> Mapping[str, Server]:
        ssh = self._profile.ssh
        return {
            name: Server(
                name,
                server.ssh,
                identity_file=_expanded(ssh.identity_file),
                known_hosts=_expanded(ssh.known_hosts),
                config_file=_expanded(ssh.config_file),
                options={"KexAlgorithms": ssh.key_exchange} if ssh.key_exchange else {},
                connect_timeout_s=ssh.connect_timeout_s,
                command_timeout_s=ssh.command_timeout_s,
                control_dir=self._sockets.name,
            )
            for name, server in self._profile.servers.items()
        }


def _expanded(path: str | None) -> Path | None:
    return Path(path).expanduser() if path else None
