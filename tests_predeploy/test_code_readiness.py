"""Code Readiness: what is released is merged, tested, without known weaknesses, documented and told."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("code.prs-merged")
def test_all_prs_merged(question, evidence):
    """All PRs merged to target branch"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("code.ci-passing")
def test_pipeline_passing(question, evidence):
    """CI/CD pipeline passing on target branch"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("code.security-alerts")
def test_no_pending_security_alerts(question, evidence):
    """No pending security alerts"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("code.docs-updated")
def test_documentation_updated(question, evidence):
    """Documentation updated"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("code.changelog-updated")
def test_changelog_updated(question, evidence):
    """CHANGELOG.md updated"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
