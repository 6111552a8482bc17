"""What each item asks of the gateway, question by question, so that one fault never hides another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from deploycheck.gateway import Gateway
from deploycheck.questions import (
    contacts,
    criteria_data,
    deployment,
    deployment_window,
    error_rate,
    errors,
    functional,
    functional_mail,
    functional_queue,
    functional_webhook,
    health,
    immediate,
    infrastructure,
    integrations,
    offsite,
    performance,
    resources,
    rollback_drill,
    rollback_plan,
    security,
    staging,
    test_mode,
    triggers,
)
from deploycheck.questions import help as first_aid
from deploycheck.questions.question import Question
from deploycheck.questions.signed import signed

# Item id -> the questions it asks on an environment, made from its profile. Asking nothing here looks at anything yet.
QUESTIONS: Mapping[str, Callable[[Gateway], Sequence[Question]]] = {
    "tests.qa": signed("tests.qa"),
    "infra.resources": resources.resources,
    "infra.backup": infrastructure.backup,
    "infra.redis-memory": infrastructure.redis,
    "infra.queue-backlog": infrastructure.queues,
    "comms.window": deployment_window.scheduled,
    "comms.rollback-plan": rollback_plan.reviewed,
    "prod.window": deployment_window.confirmed,
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
    "perf.response-time": performance.response_time,
    "perf.database": performance.database,
    "perf.redis": performance.redis,
    "perf.memory": performance.memory,
    "errors.failed-jobs": errors.failed,
    "errors.rate": error_rate.rate,
    "integration.calcom": integrations.calcom,
    "integration.retell": integrations.retell,
    "integration.email": functional_mail.delivered,
    "integration.sms": integrations.sms,
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
    "trigger.health": triggers.health,
    "trigger.error-rate": triggers.error_rate,
    "trigger.response-time": triggers.response_time,
    "trigger.critical": triggers.critical,
    **contacts.LEVELS,
    "contacts.external": contacts.external,
    **first_aid.DIAGNOSTICS,
}

__all__ = ["QUESTIONS", "Question"]
