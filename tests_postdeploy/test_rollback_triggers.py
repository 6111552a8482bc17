"""Automatic Rollback Triggers: one watch feeds all four, beside the other checks."""

import pytest

from deploycheck.outcomes import listed

pytestmark = [pytest.mark.watch]


@pytest.mark.check("trigger.health")
def test_health_check_failures(question, evidence):
    """Health check failures (3 consecutive)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("trigger.error-rate")
def test_error_rate(question, evidence):
    """Error rate >10% for 5 minutes"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("trigger.response-time")
def test_response_time(question, evidence):
    """Response time >2s for 5 minutes"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("trigger.critical")
def test_critical_service_unavailable(question, evidence):
    """Critical service unavailable"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
