"""Post-Deployment Verification 5: External Integration Tests."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.postdeploy


@pytest.mark.check("integration.calcom")
def test_calcom_webhook(question, evidence):
    """Cal.com webhook test"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("integration.retell")
def test_retell_call(question, evidence):
    """Retell.ai call test"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("integration.email")
def test_email_delivery(question, evidence):
    """Email delivery test"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("integration.sms")
def test_sms_notification(question, evidence):
    """SMS notification test (if enabled)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
