"""Testing Complete: what was tested, and by whom, is this commit."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("tests.qa")
def test_manual_qa_sign_off(question, evidence):
    """Manual QA sign-off"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
