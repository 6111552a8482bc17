"""Hotfix: asked for, as small as can be, approved, to be taken back by one command, and looked back at."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("hotfix.severity")
def test_issue_severity_documented(question, evidence):
    """Issue severity documented"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("hotfix.minimal")
def test_minimal_changeset_verified(question, evidence):
    """Minimal changeset verified"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("hotfix.approval")
def test_fast_track_approval_obtained(question, evidence):
    """Fast-track approval obtained"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("hotfix.rollback")
def test_rollback_plan_simplified(question, evidence):
    """Rollback plan simplified"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("hotfix.review")
def test_post_fix_review_scheduled(question, evidence):
    """Post-fix review scheduled"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
