"""Post-Deployment Verification 2: Functional Tests."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.postdeploy


@pytest.mark.check("functional.login")
def test_login_functionality(question, evidence):
    """Test login functionality"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("functional.appointment")
def test_create_test_appointment(question, evidence):
    """Create test appointment"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("functional.webhook")
def test_process_test_webhook(question, evidence):
    """Process test webhook"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("functional.email")
def test_send_test_email(question, evidence):
    """Send test email"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("functional.queue")
def test_check_queue_processing(question, evidence):
    """Check queue processing"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
