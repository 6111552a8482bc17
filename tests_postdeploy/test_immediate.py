"""Post-Deployment Checklist: Immediate (First 30 minutes)."""

import pytest

from deploycheck.outcomes import listed

pytestmark = [pytest.mark.postdeploy, pytest.mark.immediate]


@pytest.mark.check("immediate.health")
def test_all_health_checks_passing(question, evidence):
    """All health checks passing"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("immediate.error-rate")
def test_error_rate_normal(question, evidence):
    """Error rate normal"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("immediate.performance")
def test_performance_metrics_stable(question, evidence):
    """Performance metrics stable"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("immediate.queue")
def test_queue_processing_normally(question, evidence):
    """Queue processing normally"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("immediate.complaints")
def test_no_customer_complaints(question, evidence):
    """No customer complaints"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
