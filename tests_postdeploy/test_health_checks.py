"""Post-Deployment Verification 1: Health Checks."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.postdeploy


@pytest.mark.check("health.endpoint")
def test_run_all_health_checks(question, evidence):
    """Run all health checks"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
