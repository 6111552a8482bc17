"""nginx, PHP-FPM and the application behind them: health answers that are none."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from stack.errors import StackError
from stack.faults.bench import Bench
from stack.faults.fault import fault
from stack.faults.services import get
from stack.layout import SERVERS

HEALTH = "location = /api/health"
PAGE = "<!doctype html><title>Welcome</title><p>It works!</p>"
SLOW_US = 1_100_000


@fault("fpm-stopped", "PHP-FPM of web1 is stopped; the balancer has web2")
def fpm_stopped(bench: Bench) -> None:
    """Somebody then asks web1, as traffic would."""
    bench.stop("fpm-web1")
    get(bench.layout, "web1", "/up")


@fault("health-html", "web1 answers /api/health with 200 and an HTML page")
def health_html(bench: Bench) -> None:
    """A vhost that lost its rewrite rule."""
    bench.nginx("web1", HEALTH + f' {{ default_type text/html; return 200 "{PAGE}"; }}')


@fault("health-redirected", "/api/health redirects to the login page")
def health_redirected(bench: Bench) -> None:
    """A client that follows sees 200."""
    for server in SERVERS:
        bench.nginx(server, HEALTH + " { return 302 https://$http_host/login; }")


@fault("health-cached", "/api/health is served from a cache that is an hour old")
def health_cached(bench: Bench) -> None:
    """The stored answers are the servers' own, with the time that they would have had."""
    for server in SERVERS:
        status, body = get(bench.layout, server, "/api/health")
        if status != HTTPStatus.OK:
            raise StackError(f"{server} answers /api/health with {status}; a good answer is needed to be served again an hour later")
        old = json.loads(body) | {"timestamp": (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")}
        stored = bench.folder / f"{server}.json"
        stored.write_text(json.dumps(old))
        bench.nginx(server, HEALTH + f" {{ default_type application/json; alias {stored}; }}")


@fault("health-empty", "web2 answers /api/health with 200 and an empty body")
def health_empty(bench: Bench) -> None:
    """What a proxy makes of a backend that closed the connection."""
    stored = bench.folder / "empty.json"
    stored.touch()
    bench.nginx("web2", HEALTH + f" {{ default_type application/json; alias {stored}; }}")


@fault("environment-wrong", "web2 runs with APP_ENV=staging in its cached configuration")
def environment_wrong(bench: Bench) -> None:
    """The cache was built from another .env."""
    bench.configuration("web2", "app.env", "staging")


@fault("server-slow", "every request to web1 takes more than a second")
def server_slow(bench: Bench) -> None:
    """Before the first line of the application, as an overloaded machine would."""
    slow = bench.folder / "slow.php"
    slow.write_text(f"<?php usleep({SLOW_US});\n")
    bench.fpm("web1", f"php_admin_value[auto_prepend_file] = {slow}")


@fault("maintenance-mode", "maintenance mode was left on; /up answers 200 all the same")
def maintenance_mode(bench: Bench) -> None:
    """`artisan down` on both servers."""
    for server in SERVERS:
        for file in ("down", "maintenance.php"):
            bench.keep(bench.path(f"{server}/shared/storage/framework/{file}"))
        bench.artisan(server, "down", "--retry=60")


@fault("sshd-stopped", "sshd is stopped: nobody gets onto the servers")
def sshd_stopped(bench: Bench) -> None:
    """Whoever is logged in stays so; new sessions are refused."""
    bench.stop("sshd")


@fault("old-code-served", "PHP-FPM of web2 serves the previous release: the vhost is pinned to its directory")
def old_code_served(bench: Bench) -> None:
    """The release on disk is the new one, and so is the symlink."""
    root, pinned = (re.escape(f"root {bench.path('web2')}/current/public;"), f"root {bench.path('web2')}/{bench.previous('web2')}/public;")
    bench.nginx_text(root, pinned)
