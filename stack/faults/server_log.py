"""What dies before the framework has booted: only nginx and PHP-FPM write it down."""

from __future__ import annotations

import os
import signal

from stack.errors import StackError
from stack.faults.bench import Bench
from stack.faults.fault import fault
from stack.faults.services import LIMIT_S, children_of, get, gone
from stack.waiting import wait_until

TOOL = "opening-hours.php"


@fault("php-parse-error", "a PHP file of web1 beside the application has a syntax error, and was requested")
def php_parse_error(bench: Bench) -> None:
    """PHP dies before the framework is there, so that laravel.log says nothing."""
    script = bench.path("web1/current").resolve() / "public" / TOOL
    bench.create(script, b"<?php\nreturn [8, 18;\n")
    passed = f"fastcgi_param SCRIPT_FILENAME {script}; fastcgi_param REQUEST_METHOD $request_method;"
    bench.nginx("web1", f"location = /{TOOL} {{ {passed} fastcgi_pass unix:{bench.path('run/fpm-web1.sock')}; }}")
    status, _ = get(bench.layout, "web1", f"/{TOOL}")
    if status < 500:
        raise StackError(f"the broken script was answered with {status}; expected a server error")


@fault("fpm-crash", "a PHP-FPM worker of web2 has crashed with a segmentation fault")
def fpm_crash(bench: Bench) -> None:
    """The signal is sent; FPM sees the same as after a bug in an extension, logs it and starts another worker."""
    worker = children_of(bench.path("run/php-fpm-web2.pid"))[0]
    log = bench.path("log/php-fpm-web2.log")
    before = log.stat().st_size
    os.kill(worker, signal.SIGSEGV)
    wait_until(lambda: gone(worker) and b"exited on signal" in log.read_bytes()[before:], LIMIT_S, lambda: "FPM has not noticed it")
