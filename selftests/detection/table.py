"""Which fault must turn which checks, into what, in which words, and whom it calls. Everything else must stay as it was.

Names are "item: question", with `*` as in a shell. Consequences that are true stand in the row like the fact itself: a database that is
stopped cannot tell its failed jobs.
"""

from __future__ import annotations

from selftests.detection.red import VENDOR, Red, backup, blind, endpoint, error, failed, log, no_https, one, perhaps

__all__ = ["TABLE", "VENDOR", "Red", "error", "failed", "log", "perhaps"]

REFUSED = "refused the connection"
FLAPPING = "ends and is started again and again"

HEALTH: dict[str, tuple[Red, ...]] = {
    "fpm-stopped": (
        *endpoint("web1", "it answered 502"),
        failed("deploy.progress: programs on web1", "fpm-web1 is STOPPED"),
        error("deploy.executed: php-fpm on web1", "answered 502"),
        log("nginx on web1", "fpm-web1.sock failed"),
        *perhaps(*endpoint("balancer", "it answered 502"), error("deploy.executed: workers on *", "answered 502")),
    ),
    "health-html": (
        one("/api/health", "web1", "it answered text/html"),
        error("deploy.executed: php-fpm on web1", "content type text/html"),
        *perhaps(one("/api/health", "balancer", "it answered text/html")),
    ),
    "health-redirected": (
        one("/api/health", "*", "it answered 302 to https://api.gateway.test"),
        error("deploy.executed: php-fpm on *", "answered 302"),
    ),
    "health-cached": (one("/api/health", "*", "timestamp is 3,6"),),
    "health-empty": (
        one("/api/health", "web2", "it answered with an empty body"),
        error("deploy.executed: php-fpm on web2", "0 bytes"),
        *perhaps(one("/api/health", "balancer", "it answered with an empty body")),
    ),
    "environment-wrong": (
        *endpoint("web2", "environment is 'staging'"),
        *perhaps(*endpoint("balancer", "environment is 'staging'")),
    ),
    "server-slow": (*endpoint("web1", "it took "), *perhaps(*endpoint("balancer", "it took "))),
    "maintenance-mode": (
        *endpoint("*", "it answered 503 (message: Service Unavailable)"),
        failed("deploy.executed: php-fpm on *", "does not say what it runs"),
        error("deploy.executed: workers on *", "answered 503 without a list at 'workers'"),
        # Laravel 8 ends a worker with --max-time in its first pause, because it counts from the year 1970 then.
        *perhaps(failed("deploy.progress: programs on *", FLAPPING)),
    ),
    "sshd-stopped": (
        error("deploy.logged: *", REFUSED),
        error("deploy.backup: *", REFUSED),
        error("deploy.executed: log", REFUSED),
        error("deploy.executed: code on *", REFUSED),
        error("deploy.executed: workers on *", REFUSED),
        error("deploy.progress: *", REFUSED),
        error("errors.*: *", REFUSED),
    ),
    "certificate-expired": no_https("expired: it is valid from"),
    "certificate-other-host": no_https("is for www.gateway.test, not for api.gateway.test"),
    "certificate-incomplete": no_https("came without its intermediate"),
    "database-stopped": (
        one("/api/health", "*", "services.database is 'unhealthy'"),
        one("/api/health/database", "*", "connection is 'unhealthy'"),
        error("deploy.progress: migrations", "Can't connect"),
        error("errors.failed-jobs: *", "Can't connect"),
        # The five-minute command may be due.
        *perhaps(log("application on web1", "Connection refused")),
    ),
    "redis-stopped": (
        one("/api/health", "*", "services.redis is 'unhealthy'"),
        one("/api/health/redis", "*", "Connection refused"),
        one("/api/health/queue", "*", "Connection refused"),
        failed("deploy.executed: workers on *", "does not say what it runs"),
        log("application on *", "RedisException"),
        # A worker that is started meanwhile does not get beyond its first look at the cache.
        *perhaps(failed("deploy.progress: programs on *", FLAPPING), failed("deploy.executed: workers on *", "none was seen running")),
    ),
    "redis-memory-full": (
        one("/api/health", "*", "services.redis is 'unhealthy' (connection: OOM command not allowed"),
        one("/api/health/redis", "*", "OOM command not allowed"),
        # The workers' heartbeats cannot be renewed and run out after 20 s; a job or the scheduler may have tried to write.
        *perhaps(
            one("/api/health/queue", "*", "no live worker"),
            failed("deploy.executed: workers on *", "does not say what it runs"),
            log("application on *", "OOM command not allowed"),
        ),
    ),
    "workers-wrong-connection": (
        one("/api/health", "*", "services.queue is 'unhealthy' (default: no live worker)"),
        one("/api/health/queue", "*", "default is 'unhealthy' (no live worker), webhooks is 'unhealthy'"),
    ),
    "queue-without-consumer": (
        one("/api/health", "*", "services.queue is 'unhealthy' (emails: no live worker)"),
        one("/api/health/queue", "*", "(status: unhealthy, emails is 'unhealthy' (no live worker))"),
    ),
    "workers-stopped": (
        failed("deploy.progress: programs on web1", "worker-web1-b is STOPPED"),
        failed("deploy.executed: workers on web1", "workers on web1: none was seen running"),
    ),
    "worker-crash-loop": (
        failed("deploy.progress: programs on web2", f"worker-web2-a {FLAPPING}"),
        # Between two lives there is none; in the middle of one it has not said anything yet, or just has.
        *perhaps(
            failed("deploy.executed: workers on web2", "none was seen running"),
            failed("deploy.executed: workers on web2", "does not say what it runs"),
        ),
    ),
    "scheduler-stopped": (failed("deploy.progress: programs on web1", "scheduler is STOPPED"),),
    "calcom-suspended": (failed("health.endpoint: /api/health/calcom by *", "Cal.com: GET /me answered 403", VENDOR),),
    "retell-rate-limited": (failed("health.endpoint: /api/health/retell by *", "Retell: GET /get-api-key-info answered 429", VENDOR),),
    "calcom-key-wrong-here": (failed("health.endpoint: /api/health/calcom by *", "Cal.com: GET /me answered 401"),),
    "calcom-hanging": (failed("health.endpoint: /api/health/calcom by *", "Cal.com: GET /me got no answer", VENDOR),),
}

DEPLOYMENT: dict[str, tuple[Red, ...]] = {
    "marker-stale": (failed("deploy.logged: marker", "s old (stale: a deployment died, or nobody removed it)"),),
    "marker-fresh": (failed("deploy.logged: marker", "s old (a deployment is still under way, or died)"),),
    "start-line-missing": (
        failed("deploy.logged: start line", "the deployment log has no start line"),
        Red("deploy.backup: backup", "inconclusive", "nobody can say whether this deployment made it", "missing data"),
    ),
    "start-line-old": (
        failed("deploy.logged: start line", "s before the switch"),
        # All since then counts as after the deployment, also what was asked for before the first release was there.
        *perhaps(log("nginx on *", "Primary script unknown")),
    ),
    "progress-failure": (
        failed("deploy.executed: log", "finished: failure"),
        failed("deploy.progress: log", "ERROR: step verify failed with exit code 1: web2 does not answer"),
    ),
    "progress-error": (failed("deploy.progress: log", "ERROR: cache warming failed: connection refused"),),
    "progress-missing": (error("deploy.executed: log", "does not exist"), error("deploy.progress: log", "does not exist")),
    "progress-unreadable": (error("deploy.executed: log", "cannot be read by"), error("deploy.progress: log", "cannot be read by")),
    "release-link-previous": (
        failed("deploy.executed: code on web2", " runs "),
        failed("deploy.executed: php-fpm on web2", "php-fpm on web2 runs "),
        *endpoint("web2", "version is '1.2.2'"),
        *perhaps(*endpoint("balancer", "version is '1.2.2'")),
    ),
    "release-link-dangling": (
        error("deploy.executed: code on web2", "which is not there"),
        error("deploy.executed: php-fpm on web2", "answered 404"),
        log("nginx on web2", "× crit since"),
        *endpoint("web2", "it answered 404"),
        *perhaps(*endpoint("balancer", "it answered 404"), error("deploy.executed: workers on *", "answered 404")),
    ),
    "old-code-served": (
        failed("deploy.executed: php-fpm on web2", "php-fpm on web2 runs "),
        *endpoint("web2", "version is '1.2.2'"),
        *perhaps(*endpoint("balancer", "version is '1.2.2'")),
    ),
    "worker-old-code": (failed("deploy.executed: workers on web1", "(queues default,webhooks,emails) runs "),),
    "worker-old-directory": (failed("deploy.executed: workers on web1", "started in another way than the profile's, runs "),),
    "migration-pending": (
        failed("deploy.progress: migrations", "add_sync_attempts_to_appointments is pending"),
        one("/api/health", "*", "8 of 9 migrations of this release have run"),
        one("/api/health/database", "*", "8 of 9 migrations of this release have run"),
    ),
    "migration-without-effect": (failed("deploy.progress: migrations", "table appointments has no column sync_attempts"),),
    "backup-missing": backup("there is no *.sql.gz"),
    "backup-empty": backup("it holds nothing, in a file of 20 bytes"),
    "backup-truncated": backup("reading it to its end failed with exit 1 (gzip: "),
    "backup-incomplete": backup("it ends in '"),
    "backup-shrunk": backup("% of the one before"),
    "backup-old-inside": backup("it was made at"),
    "backup-altered": backup("its sha256 is"),
}

ERRORS: dict[str, tuple[Red, ...]] = {
    "log-critical": (log("application on web2", "1 × CRITICAL"),),
    "log-exception": (log("application on web1", "the calendar of staff 17 cannot be read"),),
    "log-error-before": (),
    "log-info-word": (),
    "log-daily": (),
    "log-unwritable": (blind("laravel.log cannot be written by the application's user"),),
    "log-unreadable": (blind("laravel.log cannot be read"),),
    # The next minute's heartbeat makes a new one.
    "log-deleted": perhaps(blind("it does not exist")),
    "log-volume-missing": (blind("it does not exist"),),
    "log-silent": (blind("its last entry is 3,6"),),
    "job-failed": (
        failed("errors.failed-jobs: since the deployment", "1 × App\\Jobs\\RunCanary on queue webhooks failed"),
        failed("errors.failed-jobs: against the baseline", "failed_jobs has 1 rows"),
    ),
    "failed-jobs-older": (failed("errors.failed-jobs: against the baseline", "failed_jobs has 3 rows"),),
    "php-parse-error": (log("nginx on web1", "PHP Parse error"), log("php-fpm on web1", "PHP Parse error")),
    "fpm-crash": (log("php-fpm on web2", "exited on signal 11 (SIGSEGV)"),),
}

TABLE = HEALTH | DEPLOYMENT | ERRORS
