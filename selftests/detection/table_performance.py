"""What holds the gateway up, what monitoring tells of it, and what happens to data: rows of the table."""

from __future__ import annotations

from selftests.detection.table import Red, error, failed, log, perhaps

# These, and what the other table is about: what else a fault here may turn.
OWN_CHECKS = (
    "tests_performance/test_performance_verification.py",
    "tests_postdeploy/test_immediate.py",
    "tests_postdeploy/test_error_monitoring.py::test_review_error_rates_in_monitoring",
    "tests_postdeploy/test_rollback_criteria.py::test_data_corruption_detected",
    "tests_postdeploy/test_rollback_criteria.py::test_performance_severely_degraded",
)
DATA = "missing data"
MONITORED = ("errors.rate: rate", "immediate.error-rate: *", "immediate.performance: *", "criteria.performance: *")
# A request may meet two of Redis' pauses.
LATE = perhaps(
    failed("health.endpoint: *", "it took ", "*"), failed("immediate.health: *", "it took ", "*"), failed("perf.response-time: *", "p95 of")
)


def unmonitored(says: str) -> tuple[Red, ...]:
    """Return that nothing can be said of what monitoring counts."""
    return tuple(error(item, says) for item in MONITORED)


PERFORMANCE: dict[str, tuple[Red, ...]] = {
    "statement-endless": (failed("perf.database: running statements", "(SELECT SLEEP(?), ?)"),),
    "lock-held": (
        failed("perf.database: locks", "a statement has waited for a lock for"),
        *perhaps(failed("perf.database: running statements", "UPDATE migrations SET batch = batch")),
    ),
    "slow-log-off": (Red("perf.database: slow log", "inconclusive", "the slow log is off (slow_query_log)", DATA),),
    "slow-statements": (failed("perf.database: slow log", "statements took longer than 1 s in the last 10 minutes"),),
    "redis-starved": (failed("perf.redis: latency", "p99 of"), *LATE),
    "requests-fail-every-fifth": (
        failed("errors.rate: rate", "requests failed"),
        failed("immediate.error-rate: error rate", "requests failed"),
        # Twice what a baseline of a hundred requests allows is a few percent of all since the deployment.
        *perhaps(failed("criteria.performance: error rate", "requests failed")),
        log("application on *", "every fifth"),
    ),
    "responses-slow": (
        failed("immediate.performance: p95", "took longer than"),
        failed("criteria.performance: p95", "took longer than"),
    ),
    "metrics-refused": (
        failed("errors.rate: figures", "is down (server returned HTTP status 401 Unauthorized)"),
        *unmonitored("no sample of the gateway's requests"),
    ),
    # What was counted before is still fresh enough for a minute.
    "metrics-job-missing": (
        failed("errors.rate: figures", "Prometheus has no such target"),
        *perhaps(*unmonitored("of the gateway's requests")),
    ),
    "prometheus-stopped": (
        error("errors.rate: figures", "could not connect"),
        error("errors.rate: dashboard", "could not connect"),
        *unmonitored("could not connect"),
    ),
    "dashboard-broken": (failed("errors.rate: dashboard", "it answered 500"),),
    "table-emptied": (failed("criteria.data: row counts", "table calls has "),),
    "invariant-broken": (failed("criteria.data: an appointment ends after it starts", "1 row breaks it"),),
    "table-damaged": (
        failed("criteria.data: tables", "table calls cannot be read to its end (ERROR 1877"),
        error("criteria.data: row counts", "calls` is corrupted"),
        *perhaps(log("application on *", "is corrupted")),
    ),
    "jobs-stuck": (failed("immediate.queue: webhooks", "jobs are on it"),),
    "customer-complains": (failed("immediate.complaints: tickets", "#4711 of "),),
}


# On the load itself: each that is limited by a share of the requests ends as soon as it is decided.
LOAD: dict[str, tuple[Red, ...]] = {
    "server-slow": (
        failed("perf.response-time: *", "of them 500 ms or longer"),
        failed("success.p95: p95", "of them 500 ms or longer"),
        # Half of the visitors wait for a server that is asked more than it can bear; some are given up.
        *perhaps(failed("success.error-rate: error rate", "no answer within 5 s")),
        *perhaps(Red("success.error-rate: error rate", "inconclusive", "and the load ended early", DATA)),
    ),
    "gateway-flapping": (
        failed("success.error-rate: error rate", "answered 500, not 200"),
        # The hundred requests may be over before the second comes that fails; and failures that are fast are no slow answers.
        *perhaps(failed("perf.response-time: *", "answered 500, not 200")),
        *perhaps(Red("success.p95: p95", "inconclusive", "and the load ended early", DATA)),
    ),
}
