"""What a web server shows to strangers that nobody meant to show."""

from __future__ import annotations

import json

from stack.faults.bench import Bench
from stack.faults.fault import fault
from stack.layout import SERVERS

PHPINFO = "<?php phpinfo();\n"
DESCRIPTION = {"openapi": "3.0.3", "info": {"title": "AskProAI", "version": "1"}, "paths": {"/api/appointments": {"post": {}}}}
SHELL = "<!doctype html><title>AskProAI</title><div id=app></div>"


@fault("env-readable", "/.env of web1 can be read by strangers")
def env_readable(bench: Bench) -> None:
    """A vhost without the rule that hides dotfiles, and with a root above public/."""
    bench.nginx("web1", f"location = /.env {{ alias {bench.path('web1/shared/.env')}; }}")


@fault("git-readable", "/.git of web2 can be read by strangers")
def git_readable(bench: Bench) -> None:
    """A checkout in the web root."""
    bench.nginx("web2", f"location ^~ /.git/ {{ alias {bench.path('origin.git')}/; }}")


@fault("storage-readable", "/storage of web1 leads to all of storage, its logs too")
def storage_readable(bench: Bench) -> None:
    """The link was set one directory too high."""
    bench.nginx("web1", f"location ^~ /storage/ {{ alias {bench.path('web1/shared/storage')}/; }}")


@fault("docs-open", "both servers show the API's description at /docs")
def docs_open(bench: Bench) -> None:
    """Meant for the developers' network."""
    stored = bench.folder / "openapi.json"
    stored.write_text(json.dumps(DESCRIPTION))
    for server in SERVERS:
        bench.nginx(server, f"location = /docs {{ default_type application/json; alias {stored}; }}")


@fault("phpinfo-open", "web2 answers /phpinfo.php with phpinfo()")
def phpinfo_open(bench: Bench) -> None:
    """Left there by whoever looked for a bug."""
    script = bench.folder / "phpinfo.php"
    script.write_text(PHPINFO)
    socket = bench.path("run/fpm-web2.sock")
    passed = f"fastcgi_param SCRIPT_FILENAME {script}; fastcgi_param REQUEST_METHOD $request_method; fastcgi_pass unix:{socket};"
    bench.nginx("web2", f"location = /phpinfo.php {{ {passed} }}")


@fault("http-not-redirecting", "plain HTTP serves the gateway instead of leading to HTTPS")
def http_not_redirecting(bench: Bench) -> None:
    """The redirect was lost with the vhost's last change."""
    bench.nginx_text(r"return 301 https://[^;]*;", "location / { proxy_pass https://application; proxy_set_header Host $http_host; }")


@fault("app-shell-for-all", "web1 answers whatever it does not know with 200 and the application's empty page", harmless=True)
def app_shell_for_all(bench: Bench) -> None:
    """As single-page applications do: a path that seems open shows nothing."""
    page = f"location ~ ^/(?!api/|up$|login$|metrics$|assets/|index.php|$) {{ default_type text/html; return 200 '{SHELL}'; }}"
    bench.nginx("web1", page)
