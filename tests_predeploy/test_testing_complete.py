"""Testing Complete: what was tested, and by whom, is this commit."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("tests.qa")
def test_manual_qa_sign_off(question, evidence):
    """Manual QA sign-off"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("tests.unit")
def test_unit_tests_passing(question, evidence):
    """Unit tests passing (coverage >80%)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("tests.integration")
def test_integration_tests_passing(question, evidence):
    """Integration tests passing"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("tests.e2e")
def test_e2e_tests_passing(question, evidence):
    """E2E tests passing"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("tests.performance")
def test_performance_benchmarks_met(question, evidence):
    """Performance benchmarks met"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
