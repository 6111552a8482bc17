"""Post-Deployment Verification 3: Performance Verification."""

import pytest

from deploycheck.outcomes import listed

pytestmark = [pytest.mark.postdeploy, pytest.mark.performance]


@pytest.mark.check("perf.response-time")
def test_response_time_check(question, evidence):
    """Response time check"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("perf.database")
def test_database_query_performance(question, evidence):
    """Database query performance"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("perf.redis")
def test_redis_latency(question, evidence):
    """Redis latency"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("perf.memory")
def test_memory_usage(question, evidence):
    """Memory usage"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
