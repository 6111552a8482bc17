"""What each item asks of the gateway, question by question, so that one fault never hides another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from deploycheck.errors import DeploycheckError
from deploycheck.gateway import Gateway
from deploycheck.questions import (
    alerting,
    announcements,
    code,
    contacts,
    criteria_data,
    dependencies,
    deployment,
    deployment_metrics,
    deployment_window,
    error_rate,
    errors,
    functional,
    functional_mail,
    functional_queue,
    functional_webhook,
    health,
    hotfix,
    immediate,
    incidents,
    infrastructure,
    integrations,
    load,
    offsite,
    on_call,
    over_time,
    performance,
    resources,
    rollback_drill,
    rollback_plan,
    security,
    staging,
    test_mode,
    tested,
    triggers,
)
from deploycheck.questions import help as first_aid
from deploycheck.questions.question import Question, unanswerable
from deploycheck.questions.signed import signed

# Item id -> the questions it asks on an environment, made from its profile. Asking nothing here looks at anything yet.
QUESTIONS: Mapping[str, Callable[[Gateway], Sequence[Question]]] = {
    "code.prs-merged": code.merged,
    "code.ci-passing": code.checks,
    "code.security-alerts": code.alerts,
    "code.docs-updated": code.documentation,
    "code.changelog-updated": code.changelog,
    "tests.unit": tested.unit,
    "tests.integration": partial(tested.passing, "integration"),
    "tests.e2e": partial(tested.passing, "e2e"),
    "tests.qa": signed("tests.qa"),
    "tests.performance": tested.performance,
    "staging.main-merged": code.main_merged,
    "hotfix.severity": hotfix.severity,
    "hotfix.minimal": hotfix.minimal,
    "hotfix.approval": hotfix.approval,
    "hotfix.rollback": hotfix.rollback,
    "hotfix.review": hotfix.review,
    "infra.resources": resources.resources,
    "infra.backup": infrastructure.backup,
    "infra.redis-memory": infrastructure.redis,
    "infra.queue-backlog": infrastructure.queues,
    "infra.incidents": incidents.active,
    "comms.window": deployment_window.scheduled,
    "comms.team-notified": announcements.team_notified,
    "comms.customers": announcements.customers_prepared,
    "comms.on-call": on_call.assigned,
    "comms.rollback-plan": rollback_plan.reviewed,
    "deps.calcom": dependencies.calcom,
    "deps.retell": dependencies.retell,
    "deps.email": dependencies.email,
    "deps.payment": dependencies.payment,
    "deps.monitoring": alerting.ready,
    "prod.window": deployment_window.confirmed,
    "prod.customers": announcements.customers_told,
    "prod.alerts": alerting.configured,
    "prod.on-call": on_call.confirmed,
    "prod.backup-offsite": offsite.backup,
    "prod.rollback-tested": rollback_drill.tested,
    "staging.test-data": staging.data,
    "staging.tls": staging.tls,
    "staging.test-mode": test_mode.modes,
    "staging.profiling": staging.profiling,
    "deploy.logged": deployment.logged,
    "deploy.backup": deployment.backup,
    "deploy.executed": deployment.executed,
    "deploy.progress": deployment.progress,
    "health.endpoint": health.endpoints,
    "functional.login": functional.login,
    "functional.appointment": functional.appointment,
    "functional.webhook": functional_webhook.webhooks,
    "functional.email": functional_mail.sent,
    "functional.queue": functional_queue.queues,
    "errors.log": errors.logs,
    "perf.response-time": load.response_time,
    "perf.database": performance.database,
    "perf.redis": performance.redis,
    "perf.memory": performance.memory,
    "errors.failed-jobs": errors.failed,
    "errors.rate": error_rate.rate,
    "integration.calcom": integrations.calcom,
    "integration.retell": integrations.retell,
    "integration.email": functional_mail.delivered,
    "integration.sms": integrations.sms,
    "success.error-rate": load.error_rate,
    "success.p95": load.p95,
    "criteria.functionality": security.functionality,
    "criteria.data": criteria_data.data,
    "criteria.security": security.exposed,
    "criteria.performance": criteria_data.performance,
    "criteria.integration": security.integration,
    "immediate.health": immediate.health,
    "immediate.error-rate": immediate.errors,
    "immediate.performance": immediate.performance,
    "immediate.queue": immediate.queues,
    "immediate.complaints": immediate.complaints,
    "success.health": over_time.health,
    "success.failed-jobs": over_time.failed_jobs,
    "success.memory": over_time.memory,
    "metrics.during": deployment_metrics.during,
    "metrics.after": over_time.metrics,
    "trigger.health": triggers.health,
    "trigger.error-rate": triggers.error_rate,
    "trigger.response-time": triggers.response_time,
    "trigger.critical": triggers.critical,
    **contacts.LEVELS,
    "contacts.external": contacts.external,
    **first_aid.DIAGNOSTICS,
}



def questions_of(item: str, gateway: Gateway) -> Sequence[Question]:
    """Return what an item asks on an environment. One that cannot be put, such as for want of a secret, is there and shows why."""
    try:
        return QUESTIONS[item](gateway)
    except DeploycheckError as trouble:
        return [unanswerable(item, trouble)]


__all__ = ["QUESTIONS", "Question", "questions_of"]
