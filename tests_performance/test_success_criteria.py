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
