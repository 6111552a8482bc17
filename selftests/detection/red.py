"""What a row of a table says: a check, its outcome, words of its message, whom it calls."""

from __future__ import annotations

from dataclasses import dataclass, replace

# Not compared: whom a red line of these two calls is a test of its own.
VENDOR = "third party"


@dataclass(frozen=True)
class Red:
    """One expectation. `says` must stand in what was seen; `certain` is False where chance decides whether the line turns."""

    checks: str
    outcome: str
    says: str
    blame: str = "target"
    certain: bool = True


def failed(checks: str, says: str, blame: str = "target") -> Red:
    """Every check of this name fails."""
    return Red(checks, "failed", says, blame)


def error(checks: str, says: str, blame: str = "target") -> Red:
    """Every check of this name cannot be established."""
    return Red(checks, "error", says, blame)


def perhaps(*reds: Red) -> tuple[Red, ...]:
    """Return reds that may or may not show: the balancer asks the sick server or the other one, a minute begins or not."""
    return tuple(replace(red, certain=False) for red in reds)


def endpoint(vantage: str, says: str, paths: str = "/api/health*") -> tuple[Red, ...]:
    """Return that health endpoints fail by one way. The vendors answer all the while, so theirs call nobody else either."""
    return (failed(f"health.endpoint: {paths} by {vantage}", says),)


def one(path: str, vantage: str, says: str) -> Red:
    """Return that a single health endpoint fails."""
    return failed(f"health.endpoint: {path} by {vantage}", says)


def no_https(says: str) -> tuple[Red, ...]:
    """Return that nothing can be asked over HTTPS."""
    return (error("health.endpoint: *", says), error("deploy.executed: php-fpm on *", says), error("deploy.executed: workers on *", says))


def log(which: str, says: str) -> Red:
    """Return that a log has an entry that it must not have."""
    return failed(f"errors.log: {which}", says)


def blind(says: str) -> Red:
    """Return that the application's log of web2 cannot be relied on."""
    return error("errors.log: application on web2", says)


def backup(says: str) -> tuple[Red, ...]:
    """Return that the backup is none."""
    return (failed("deploy.backup: backup", says),)
