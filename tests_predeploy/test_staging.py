"""Environment: Staging. What must be so only there; elsewhere these lines are not applicable."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("staging.test-data")
def test_test_data_refreshed(question, evidence):
    """Test data refreshed"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("staging.tls")
def test_ssl_certificates_valid(question, evidence):
    """SSL certificates valid"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("staging.test-mode")
def test_external_apis_in_test_mode(question, evidence):
    """External APIs in test mode"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("staging.profiling")
def test_performance_profiling_enabled(question, evidence):
    """Performance profiling enabled"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("staging.main-merged")
def test_latest_main_branch_merged(question, evidence):
    """Latest main branch merged"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
