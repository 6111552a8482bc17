"""Environment: Production. What must be so only there; elsewhere these lines are not applicable."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("prod.window")
def test_deployment_window_confirmed_not_friday(question, evidence):
    """Deployment window confirmed (not Friday!)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("prod.backup-offsite")
def test_backup_verified_offsite(question, evidence):
    """Backup verified offsite"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("prod.rollback-tested")
def test_rollback_tested_on_staging(question, evidence):
    """Rollback tested on staging"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("prod.customers")
def test_customer_notification_sent(question, evidence):
    """Customer notification sent (if downtime)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("prod.alerts")
def test_monitoring_alerts_configured(question, evidence):
    """Monitoring alerts configured"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("prod.on-call")
def test_on_call_schedule_confirmed(question, evidence):
    """On-call schedule confirmed"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
