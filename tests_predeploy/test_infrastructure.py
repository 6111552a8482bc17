"""Pre-Deployment Checklist 3: Infrastructure Check."""

import pytest

from deploycheck.outcomes import listed

pytestmark = pytest.mark.predeploy


@pytest.mark.check("infra.resources")
def test_server_resources_adequate(question, evidence):
    """Server resources adequate (CPU, Memory, Disk)"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("infra.backup")
def test_database_backup_completed(question, evidence):
    """Database backup completed"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("infra.redis-memory")
def test_redis_memory_usage(question, evidence):
    """Redis memory usage <80%"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("infra.queue-backlog")
def test_queue_backlog_cleared(question, evidence):
    """Queue backlog cleared"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)


@pytest.mark.check("infra.incidents")
def test_no_active_incidents(question, evidence):
    """No active incidents"""
    answer = evidence.keep(question.name, question.ask())
    shortfalls = question.shortfalls(answer)
    assert not shortfalls, listed(shortfalls, question.where)
