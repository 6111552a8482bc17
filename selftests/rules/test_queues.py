"""Canaries that came back, and jobs that wait too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deploycheck.errors import Inconclusive
from deploycheck.rules.queues import QueueState, canary_shortfalls, waiting_shortfalls

EMPTY = QueueState("emails", 0, 0, 0, None, 0.0, "", datetime(2026, 11, 23, tzinfo=UTC))


def test_a_canary_must_be_finished_in_time() -> None:
    """At the limit is in time."""
    assert canary_shortfalls("emails", "done", ("done",), 10.0, 10) == []
    assert canary_shortfalls("emails", "done", ("done",), 10.1, 10) == ["the canary on queue emails took 10.1 s; expected at most 10 s"]
    assert canary_shortfalls("emails", "pending", ("done",), 10.1, 10) == [
        "the canary on queue emails is pending after 10.1 s; expected done within 10 s"
    ]


def test_an_empty_queue_or_a_fresh_job_is_well() -> None:
    """Many jobs, too, as long as none waits."""
    assert waiting_shortfalls(EMPTY, 60) == []
    assert waiting_shortfalls(replace(EMPTY, waiting=5000, oldest_s=60.0), 60) == []
    assert waiting_shortfalls(replace(EMPTY, delayed=3, reserved=2), 60) == []


def test_an_old_job_and_an_overdue_one_are_told() -> None:
    """Each by itself."""
    old = replace(EMPTY, waiting=2, oldest_s=3600.0, job="App\\Jobs\\Send")
    assert waiting_shortfalls(old, 60) == ["2 jobs wait on queue emails, App\\Jobs\\Send for 3,600 s; expected at most 60 s"]
    assert waiting_shortfalls(replace(EMPTY, delayed=1, overdue_s=61.0), 60) == [
        "a delayed job on queue emails has been due for 61 s; expected at most 60 s"
    ]
    assert len(waiting_shortfalls(replace(old, overdue_s=61.0), 60)) == 2


def test_a_job_that_does_not_tell_its_age_is_not_green() -> None:
    """Laravel before 12 writes no time into it, unless told to."""
    with pytest.raises(Inconclusive, match="neither createdAt nor pushedAt"):
        waiting_shortfalls(replace(EMPTY, waiting=1), 60)
