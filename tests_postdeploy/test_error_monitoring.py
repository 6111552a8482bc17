"""Post-Deployment Verification 4: Error Monitoring."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.postdeploy


@pytest.mark.check("errors.log")
def test_check_for_errors(question, evidence):
    """Check for errors"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("errors.failed-jobs")
def test_check_failed_jobs(question, evidence):
    """Check failed jobs"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("errors.rate")
def test_review_error_rates_in_monitoring(question, evidence):
    """Review error rates in monitoring"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
