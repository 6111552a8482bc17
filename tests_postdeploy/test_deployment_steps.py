"""Deployment Steps: what the deployment left behind on the servers."""

import pytest

from deploycheck.outcomes import listed

pytestmark = [pytest.mark.deployment, pytest.mark.postdeploy]


@pytest.mark.check("deploy.logged")
def test_start_deployment(question, evidence):
    """Start Deployment"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("deploy.backup")
def test_pre_deployment_backup(question, evidence):
    """Pre-Deployment Backup"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("deploy.executed")
def test_execute_deployment(question, evidence):
    """Execute Deployment"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("deploy.progress")
def test_monitor_progress(question, evidence):
    """Monitor Progress"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
