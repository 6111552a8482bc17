"""Troubleshooting Quick Reference: what helps must be at hand."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.postdeploy


@pytest.mark.check("help.migration-timeout")
def test_migration_timeout(question, evidence):
    """Migration Timeout"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("help.service-start")
def test_service_will_not_start(question, evidence):
    """Service Won't Start"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("help.error-rate")
def test_high_error_rate(question, evidence):
    """High Error Rate"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
