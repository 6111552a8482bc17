"""The logs of one server, as its profile names them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from deploycheck.settings import Log, Profile
from deploycheck.targets.log_files import Format, LogSource

_FORMATS: dict[str, Format] = {"application": "laravel", "nginx": "nginx", "php-fpm": "php-fpm"}


def log_sources(profile: Profile, server: str, zone: ZoneInfo) -> dict[str, LogSource]:
    """Return the configured logs of `server` by name: application, nginx, php-fpm.

    Args:
        zone: the server's own, in which nginx and PHP-FPM write; a log's `time_zone` in the profile wins.
    """
    logs, application = profile.logs, profile.application
    named: dict[str, Log | None] = {}
    if logs:
        named = {"application": logs.application, "nginx": logs.nginx, "php-fpm": logs.fpm}

    def zone_of(name: str, log: Log) -> ZoneInfo:
        if log.time_zone:
            return ZoneInfo(log.time_zone)
        return ZoneInfo(application.time_zone) if application and name == "application" else zone

    return {name: LogSource(_FORMATS[name], _path(log.path, profile, server), zone_of(name, log)) for name, log in named.items() if log}


def _path(path: str, profile: Profile, server: str) -> str:
    app = profile.servers[server].app
    filled = path.replace("{app}", app).replace("{server}", server)
    return filled if filled.startswith("/") else f"{app}/{filled}"
