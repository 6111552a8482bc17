"""Emergency Contacts: whom to call."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.postdeploy


@pytest.mark.check("contacts.level1")
def test_level_1_devops_team(question, evidence):
    """Level 1 - DevOps Team (0-15 min)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("contacts.level2")
def test_level_2_tech_lead(question, evidence):
    """Level 2 - Tech Lead (15-30 min)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("contacts.level3")
def test_level_3_cto(question, evidence):
    """Level 3 - CTO (30-60 min)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("contacts.external")
def test_external_support(question, evidence):
    """External Support"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
