"""External Dependencies: what the gateway stands on, asked directly and with the gate's own credentials."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("deps.calcom")
def test_calcom_api_operational(question, evidence):
    """Cal.com API operational"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("deps.retell")
def test_retell_api_operational(question, evidence):
    """Retell.ai API operational"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("deps.email")
def test_email_service_operational(question, evidence):
    """Email service operational"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("deps.payment")
def test_payment_gateway_operational(question, evidence):
    """Payment gateway operational"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("deps.monitoring")
def test_monitoring_systems_ready(question, evidence):
    """Monitoring systems ready"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
