"""Communication: those whom a deployment concerns know of it, and somebody is there when it goes wrong."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("comms.window")
def test_deployment_window_scheduled(question, evidence):
    """Deployment window scheduled"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("comms.rollback-plan")
def test_rollback_plan_reviewed(question, evidence):
    """Rollback plan reviewed"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("comms.team-notified")
def test_team_notified_via_slack(question, evidence):
    """Team notified via Slack"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("comms.customers")
def test_customer_communication_prepared(question, evidence):
    """Customer communication prepared (if needed)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("comms.on-call")
def test_on_call_engineer_assigned(question, evidence):
    """On-call engineer assigned"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
