"""Environment: Production. What must be so only there; elsewhere these lines are not applicable."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("prod.window")
def test_deployment_window_confirmed_not_friday(question, evidence):
    """Deployment window confirmed (not Friday!)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("prod.backup-offsite")
def test_backup_verified_offsite(question, evidence):
    """Backup verified offsite"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("prod.rollback-tested")
def test_rollback_tested_on_staging(question, evidence):
    """Rollback tested on staging"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
