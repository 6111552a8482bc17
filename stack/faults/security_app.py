"""What the application itself tells strangers, or lets them do."""

from __future__ import annotations

from stack.faults.bench import Bench
from stack.faults.code import change
from stack.faults.fault import fault
from stack.layout import SERVERS

HORIZON = "Route::get('horizon', fn () => response('<!doctype html><title>Horizon - AskProAI</title><div id=horizon></div>'));\n"
USER_ROUTE = "Route::get('auth/user', [AuthController::class, 'user'])"


@fault("debug-on", "web2 runs with APP_DEBUG=true: its errors show stack traces")
def debug_on(bench: Bench) -> None:
    """The cache was built from a developer's .env."""
    bench.configuration("web2", "app.debug", "1")


@fault("security-headers-gone", "web1 sends no security headers")
def security_headers_gone(bench: Bench) -> None:
    """The middleware fell out of the kernel in a merge."""
    change(bench, "app/Http/Kernel.php", "Middleware\\SecurityHeaders::class,", "", ["web1"])


@fault("metrics-open", "/metrics is open to strangers")
def metrics_open(bench: Bench) -> None:
    """One operator of the token's check is wrong."""
    wrong = "$token === '' && ! hash_equals"
    change(bench, "app/Http/Controllers/PageController.php", "$token === '' || ! hash_equals", wrong)


@fault("guard-undefined", "a protected route answers 500: it names a guard that nobody has defined")
def guard_undefined(bench: Bench) -> None:
    """A package that is not installed, as on the present main branch."""
    change(bench, "routes/api.php", USER_ROUTE, f"{USER_ROUTE}->withoutMiddleware('auth:api')->middleware('auth:sanctum')")


@fault("protected-redirects", "a protected route sends strangers to the login page instead of refusing them")
def protected_redirects(bench: Bench) -> None:
    """A client that follows sees 200."""
    for server in SERVERS:
        # Only those without a credential: whoever logs in gets on.
        bench.nginx(server, "if ($http_authorization ~ ^$) { rewrite ^/api/appointments$ https://$http_host/login redirect; }")


@fault("horizon-open", "web2 shows Horizon's dashboard to strangers")
def horizon_open(bench: Bench) -> None:
    """Its gate lets everybody in."""
    change(bench, "routes/web.php", "Route::get('metrics'", f"{HORIZON}Route::get('metrics'", ["web2"])
