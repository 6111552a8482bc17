"""Manual Rollback Decision Criteria: what must not be so."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.postdeploy


@pytest.mark.check("criteria.functionality")
def test_major_functionality_broken(question, evidence):
    """Major functionality broken"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("criteria.data")
def test_data_corruption_detected(question, evidence):
    """Data corruption detected"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("criteria.security")
def test_security_vulnerability_exposed(question, evidence):
    """Security vulnerability exposed"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("criteria.performance")
def test_performance_severely_degraded(question, evidence):
    """Performance severely degraded"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("criteria.integration")
def test_integration_failures(question, evidence):
    """Integration failures"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
