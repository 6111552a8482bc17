"""Success criteria and metrics, under load."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.performance


@pytest.mark.check("success.error-rate")
def test_error_rate(question, evidence):
    """Error rate < 0.1%"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("success.p95")
def test_response_time_p95(question, evidence):
    """Response time p95 < 500ms"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("success.health")
def test_all_health_checks_passing(question, evidence):
    """All health checks passing"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.watch
@pytest.mark.check("success.failed-jobs")
def test_no_increase_in_failed_jobs(question, evidence):
    """No increase in failed jobs"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.watch
@pytest.mark.check("success.memory")
def test_memory_usage_stable(question, evidence):
    """Memory usage stable"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("metrics.during")
def test_during_deployment(question, evidence):
    """During Deployment"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.watch
@pytest.mark.check("metrics.after")
def test_after_deployment(question, evidence):
    """Post-Deployment (First Hour)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
