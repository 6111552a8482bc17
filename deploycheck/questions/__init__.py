"""What each item asks of the gateway, question by question, so that one fault never hides another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module

from deploycheck.errors import DeploycheckError, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable

Asked = Callable[[Gateway], Sequence[Question]]

# Item id -> where its questions are made: module.function, or module.TABLE of such functions by item.
_PLACES: Mapping[str, str] = {
    "code.prs-merged": "code.merged",
    "code.ci-passing": "code.checks",
    "code.security-alerts": "code.alerts",
    "code.docs-updated": "code.documentation",
    "code.changelog-updated": "code.changelog",
    "tests.unit": "tested.unit",
    "tests.integration": "tested.integration",
    "tests.e2e": "tested.e2e",
    "tests.qa": "signed.STATEMENTS",
    "tests.performance": "tested.performance",
    "staging.main-merged": "code.main_merged",
    "hotfix.severity": "hotfix.severity",
    "hotfix.minimal": "hotfix.minimal",
    "hotfix.approval": "hotfix.approval",
    "hotfix.rollback": "hotfix.rollback",
    "hotfix.review": "hotfix.review",
    "infra.resources": "resources.resources",
    "infra.backup": "infrastructure.backup",
    "infra.redis-memory": "infrastructure.redis",
    "infra.queue-backlog": "infrastructure.queues",
    "infra.incidents": "incidents.active",
    "comms.window": "deployment_window.scheduled",
    "comms.team-notified": "announcements.team_notified",
    "comms.customers": "announcements.customers_prepared",
    "comms.on-call": "on_call.assigned",
    "comms.rollback-plan": "rollback_plan.reviewed",
    "deps.calcom": "dependencies.calcom",
    "deps.retell": "dependencies.retell",
    "deps.email": "dependencies.email",
    "deps.payment": "dependencies.payment",
    "deps.monitoring": "alerting.ready",
    "prod.window": "deployment_window.confirmed",
    "prod.customers": "announcements.customers_told",
    "prod.alerts": "alerting.configured",
    "prod.on-call": "on_call.confirmed",
    "prod.backup-offsite": "offsite.backup",
    "prod.rollback-tested": "rollback_drill.tested",
    "staging.test-data": "staging.data",
    "staging.tls": "staging.tls",
    "staging.test-mode": "test_mode.modes",
    "staging.profiling": "staging.profiling",
    "deploy.logged": "deployment.logged",
    "deploy.backup": "deployment.backup",
    "deploy.executed": "deployment.executed",
    "deploy.progress": "deployment.progress",
    "health.endpoint": "health.endpoints",
    "functional.login": "functional.login",
    "functional.appointment": "functional.appointment",
    "functional.webhook": "functional_webhook.webhooks",
    "functional.email": "functional_mail.sent",
    "functional.queue": "functional_queue.queues",
    "errors.log": "errors.logs",
    "perf.response-time": "load.response_time",
    "perf.database": "performance.database",
    "perf.redis": "performance.redis",
    "perf.memory": "performance.memory",
    "errors.failed-jobs": "errors.failed",
    "errors.rate": "error_rate.rate",
    "integration.calcom": "integrations.calcom",
    "integration.retell": "integrations.retell",
    "integration.email": "functional_mail.delivered",
    "integration.sms": "integrations.sms",
    "success.error-rate": "load.error_rate",
    "success.p95": "load.p95",
    "criteria.functionality": "security.functionality",
    "criteria.data": "criteria_data.data",
    "criteria.security": "security.exposed",
    "criteria.performance": "criteria_data.performance",
    "criteria.integration": "security.integration",
    "immediate.health": "immediate.health",
    "immediate.error-rate": "immediate.errors",
    "immediate.performance": "immediate.performance",
    "immediate.queue": "immediate.queues",
    "immediate.complaints": "immediate.complaints",
    "success.health": "over_time.health",
    "success.failed-jobs": "over_time.failed_jobs",
    "success.memory": "over_time.memory",
    "metrics.during": "deployment_metrics.during",
    "metrics.after": "over_time.metrics",
    "trigger.health": "triggers.health",
    "trigger.error-rate": "triggers.error_rate",
    "trigger.response-time": "triggers.response_time",
    "trigger.critical": "triggers.critical",
    "contacts.external": "contacts.external",
    "contacts.level1": "contacts.LEVELS",
    "contacts.level2": "contacts.LEVELS",
    "contacts.level3": "contacts.LEVELS",
    "help.migration-timeout": "help.DIAGNOSTICS",
    "help.service-start": "help.DIAGNOSTICS",
    "help.error-rate": "help.DIAGNOSTICS",
}


class _Questions(Mapping[str, Asked]):
    """Item id -> the questions it asks on an environment, made from its profile. Asking nothing here looks at anything yet.

    A module is imported with the first of its items that is asked for: a run of one stage does not pay for the others.
    """

    def __getitem__(self, item: str) -> Asked:
        module, _, name = _PLACES[item].partition(".")
        found = getattr(import_module(f"{__name__}.{module}"), name)
        made: Asked = found[item] if isinstance(found, Mapping) else found
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


QUESTIONS: Mapping[str, Asked] = _Questions()


def questions_of(item: str, gateway: Gateway) -> Sequence[Question]:
    """Return what an item asks on an environment. One that cannot be put, such as for want of a secret, is there and shows why; so is
    one that a profile leaves with nothing to look at, such as by an empty list."""
    try:
        return QUESTIONS[item](gateway) or [unanswerable(item, NotConfigured(f"anything that {item} could look at"))]
    except DeploycheckError as trouble:
        return [unanswerable(item, trouble)]


__all__ = ["QUESTIONS", "Question", "questions_of"]
