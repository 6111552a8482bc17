"""What strangers must not get, and what the vendors know of us and do: rows of the table."""

from __future__ import annotations

from selftests.detection.table import VENDOR, Red, error, failed, log, perhaps

CONFIGURATION = "configuration"
DATA = "missing data"


def exposed(what: str, vantage: str, says: str) -> tuple[Red, ...]:
    """Return that strangers get something by one server; through the balancer it depends on which server answers."""
    through = () if vantage == "*" else perhaps(failed(f"criteria.security: {what} by balancer", says))
    return (failed(f"criteria.security: {what} by {vantage}", says), *through)


def undone(item: str, name: str, parts: tuple[str, ...], says: str) -> tuple[Red, ...]:
    """Return that a vendor is set up wrongly, so that nothing is sent that could not arrive."""
    return (
        failed(f"{item}: {name}", says, CONFIGURATION),
        *(Red(f"{item}: {part}", "inconclusive", says, DATA) for part in parts),
    )


def unheard(item: str, says: str, blame: str) -> tuple[Red, ...]:
    """Return that nothing of a vendor can be established, whomever its questions would call."""
    return (error(f"{item}: *", says, blame),)


def unhealthy(vendor: str, says: str) -> tuple[Red, ...]:
    """Return that the gateway's own health answers say what a vendor does."""
    return (failed(f"health.endpoint: /api/health/{vendor} by *", says, VENDOR),)


def unbooked(says: str) -> tuple[Red, ...]:
    """Return that the gateway cannot book at Cal.com either, which its log and its failed jobs may tell in time."""
    return (
        failed("functional.appointment: synchronised", "it was not synchronised within"),
        *perhaps(
            log("application on *", says),
            failed("errors.failed-jobs: *", ""),
        ),
    )


BOOKING = ("booking announced", "booking recorded", "booking withdrawn")
CALL = ("call announced", "call recorded")

SECURITY: dict[str, tuple[Red, ...]] = {
    "env-readable": exposed("environment file", "web1", "GET /.env answered 200 with an environment file"),
    "git-readable": exposed("git", "web2", "answered 200 with a git "),
    "storage-readable": exposed("storage", "web1", "GET /storage/logs/laravel.log answered 200 with a log"),
    "docs-open": exposed("docs", "*", "GET /docs answered 200 with an API description"),
    "phpinfo-open": exposed("status scripts", "web2", "GET /phpinfo.php answered 200 with phpinfo()"),
    "http-not-redirecting": (failed("criteria.security: http leads to https", "GET /api/health over plain HTTP answered 200"),),
    "app-shell-for-all": (),
    "debug-on": exposed("debug off", "web2", "and shows `exception`, `file`, `line`, `trace`"),
    "security-headers-gone": exposed("security headers", "web1", "there is no header X-Content-Type-Options"),
    "metrics-open": exposed("protected routes", "*", "GET /metrics with no credential answered 200"),
    "guard-undefined": (
        *exposed("protected routes", "*", "GET /api/auth/user with no credential answered 500"),
        # The route is the one by which a login is tried.
        *perhaps(failed("functional.login: *", "500")),
        # Whoever asks the route writes into the log; the log may have been read before.
        *perhaps(log("application on *", "Auth guard [sanctum] is not defined")),
    ),
    "protected-redirects": exposed("protected routes", "*", "GET /api/appointments with no credential answered 302 to https://"),
    "horizon-open": exposed("dashboards", "web2", "GET /horizon answered 200 with a dashboard"),
}

INTEGRATIONS: dict[str, tuple[Red, ...]] = {
    "calcom-webhook-inactive": undone("integration.calcom", "webhook", BOOKING, "is not active"),
    "calcom-webhook-other-url": undone("integration.calcom", "webhook", BOOKING, "webhooks are registered for https://old.gateway.test"),
    "calcom-webhook-trigger-missing": undone("integration.calcom", "webhook", BOOKING, "tells of BOOKING_CREATED, BOOKING_RESCHEDULED"),
    "calcom-webhook-other-secret": undone("integration.calcom", "webhook", BOOKING, "signs with another secret than the gateway's"),
    "calcom-delivers-nothing": (
        failed("integration.calcom: booking announced", "reached the gateway within", VENDOR),
        Red("integration.calcom: booking recorded", "inconclusive", "no event of booking", DATA),
        Red("integration.calcom: booking withdrawn", "inconclusive", "was never recorded here", DATA),
    ),
    "retell-delivers-nothing": (
        failed("integration.retell: call announced", "reached the gateway within", VENDOR),
        Red("integration.retell: call recorded", "inconclusive", "no event of call", DATA),
    ),
    "retell-agent-unknown": undone("integration.retell", "agent", CALL, "the agent agent_gateway is unknown"),
    "retell-webhook-other-url": undone("integration.retell", "agent", CALL, "sends its events to https://old.gateway.test"),
    "sms-undelivered": (failed("integration.sms: test message", "is undelivered (error 30003", VENDOR),),
    "sms-key-refused": unheard("integration.sms", "answered 401", CONFIGURATION),
    "sms-down": unheard("integration.sms", "answered 503", VENDOR),
    "retell-key-refused": (
        *unheard("integration.retell", "answered 401", CONFIGURATION),
        *unhealthy("retell", "answered 401"),
    ),
    "retell-down": (
        *unheard("integration.retell", "answered 503", VENDOR),
        *unhealthy("retell", "answered 503"),
    ),
    "calcom-key-refused": (
        *unheard("integration.calcom", "answered 401", CONFIGURATION),
        *unhealthy("calcom", "answered 401"),
        *unbooked("answered 401"),
    ),
    "calcom-down": (
        *unheard("integration.calcom", "answered 503", VENDOR),
        *unhealthy("calcom", "answered 503"),
        *unbooked("answered 503"),
    ),
}

ROWS = SECURITY | INTEGRATIONS
