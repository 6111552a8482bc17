"""Memory, database, Redis, queues and data: each rule just inside its limit, on it, beyond it, and for its words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploycheck.errors import Inconclusive
from deploycheck.rules.data import count_shortfalls, invariant_shortfalls, table_shortfalls
from deploycheck.rules.database_load import lock_shortfalls, running_shortfalls, slow_shortfalls
from deploycheck.rules.memory import MIB, Strain, available_shortfalls, kill_shortfalls, swap_shortfalls
from deploycheck.rules.queue_load import queue_shortfalls
from deploycheck.rules.redis_latency import latency_shortfalls, with_omitted

BEFORE = Strain(oom_kills=2, boot_id="a", swap_used_bytes=100 * MIB)


@pytest.mark.parametrize(("available", "good"), [(200, True), (199, False), (0, False), (1000, True)])
def test_a_fifth_of_memory_must_be_available(available: int, good: bool) -> None:
    """The limit itself will do."""
    assert (available_shortfalls(available * MIB, 1000 * MIB, 0.2) == []) is good


def test_too_little_memory_is_told_in_both_figures() -> None:
    """In MiB and as a share."""
    assert available_shortfalls(50 * MIB, 1000 * MIB, 0.2) == ["50 of 1,000 MiB are available (5%); expected at least 20%"]


def test_kills_are_counted_since_the_baseline_or_the_reboot() -> None:
    """The kernel's counter begins anew with the kernel."""
    assert kill_shortfalls(BEFORE, BEFORE) == []
    assert "killed 1 processes for want of memory since the baseline" in kill_shortfalls(BEFORE, replace(BEFORE, oom_kills=3))[0]
    assert kill_shortfalls(BEFORE, Strain(0, "b", 0)) == []
    assert "since it was rebooted" in kill_shortfalls(BEFORE, Strain(1, "b", 0))[0]


@pytest.mark.parametrize(("before", "now"), [(replace(BEFORE, oom_kills=None), BEFORE), (BEFORE, replace(BEFORE, oom_kills=None))])
def test_a_kernel_that_does_not_count_says_nothing(before: Strain, now: Strain) -> None:
    """No data is never green."""
    with pytest.raises(Inconclusive, match="does not count OOM kills"):
        kill_shortfalls(before, now)


def test_swap_may_grow_within_noise() -> None:
    """Less of it is always fine."""
    assert swap_shortfalls(BEFORE, replace(BEFORE, swap_used_bytes=0), 64 * MIB) == []
    assert swap_shortfalls(BEFORE, replace(BEFORE, swap_used_bytes=164 * MIB), 64 * MIB) == []
    assert "65 MiB more than in the baseline" in swap_shortfalls(BEFORE, replace(BEFORE, swap_used_bytes=165 * MIB), 64 * MIB)[0]


def test_statements_and_locks_have_limits_of_their_own() -> None:
    """Five seconds are not longer than five seconds; a second's wait is a wait."""
    assert running_shortfalls([(5.0, "SELECT ?"), (0.0, "")], 5.0) == []
    assert running_shortfalls([(6.0, "")], 5.0) == ["a statement has run for 6 s (its text is not told); expected none longer than 5 s"]
    assert lock_shortfalls([(0.0, "UPDATE t")], 1.0) == []
    assert "waited for a lock for 1 s (UPDATE t)" in lock_shortfalls([(1.0, "UPDATE t")], 1.0)[0]


def test_a_slow_log_that_is_off_proves_nothing() -> None:
    """However empty it is."""
    with pytest.raises(Inconclusive, match="the slow log is off"):
        slow_shortfalls(enabled=False, entries=[], window_s=600, threshold_s=1, limit=10)


def test_slow_statements_beyond_the_limit_are_told_with_the_slowest() -> None:
    """The limit itself is allowed."""
    entries = [(float(number), f"SELECT {number}") for number in range(1, 12)]

    assert slow_shortfalls(enabled=True, entries=entries[:10], window_s=600, threshold_s=1, limit=10) == []
    (said,) = slow_shortfalls(enabled=True, entries=entries, window_s=600, threshold_s=1, limit=10)
    assert said.startswith("11 statements took longer than 1 s in the last 10 minutes, the slowest 11.0 s: SELECT 11; 10.0 s:")


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([0.1] * 200, []),
        ([0.1] * 198 + [99.0] * 2, []),
        ([0.1] * 197 + [99.0] * 3, ["p99 of 200 PINGs is 99.00 ms"]),
        ([3.0] * 200, ["p50 of 200 PINGs is 3.00 ms"]),
        ([300.0] * 30, ["p99 of 30 PINGs is at least 300.00 ms"]),
        ([300.0] * 150, ["p50 of 150 PINGs is at least 300.00 ms", "p99 of 150 PINGs is at least 300.00 ms"]),
    ],
    ids=["fast", "two late", "three late", "slow", "so slow that few came", "slower than half"],
)
def test_redis_answers_within_both_percentiles(times: list[float], said: list[str]) -> None:
    """Nearest rank: one in a hundred may be late."""
    found = latency_shortfalls(times, {0.5: 2.0, 0.99: 20.0})

    assert len(found) == len(said)
    assert all(line.startswith(start) for line, start in zip(found, said, strict=True))


def test_a_pause_counts_for_everyone_who_would_have_asked_meanwhile() -> None:
    """One PING of 35 ms at an interval of 10 ms stands for four commands."""
    assert sorted(with_omitted([0.1, 35.0, 0.1], 10.0)) == [0.1, 0.1, 5.0, 15.0, 25.0, 35.0]
    assert with_omitted([10.0], 10.0) == [10.0]
    assert with_omitted([], 10.0) == []


def test_few_fast_pings_are_no_percentile() -> None:
    """199 say nothing of the slowest hundredth."""
    with pytest.raises(Inconclusive, match="199 PINGs"):
        latency_shortfalls([0.1] * 199, {0.5: 2.0, 0.99: 20.0})


def queue(depths: list[int], oldest_s: float | None = None, depth_before: int = 0, oldest_before_s: float | None = None) -> list[str]:
    """Judge a queue whose limits are 10 jobs and 60 s."""
    return queue_shortfalls(
        depths, 1.0, oldest_s, depth_before=depth_before, oldest_before_s=oldest_before_s, depth_limit=10, age_limit_s=60
    )


def test_a_queue_as_before_is_well() -> None:
    """Short, or as long as it was, or getting shorter."""
    assert queue([0, 0, 0]) == []
    assert queue([10, 10, 10], 60.0) == []
    assert queue([500, 400, 300], 100.0, depth_before=500, oldest_before_s=120.0) == []
    assert queue([1, 2, 3]) == []


def test_a_queue_that_is_long_grows_or_waits_is_told_so() -> None:
    """Each for itself."""
    assert queue([11, 11, 11]) == ["11 jobs are on it; expected at most 10 (0 before the deployment)"]
    assert queue([4, 6, 8]) == ["it grows by 2.0 jobs per second (4, 6, 8); expected it to be worked off"]
    assert queue([1, 1, 1], 61.0) == ["its oldest job has waited for 61 s; expected at most 60 s"]
    assert len(queue([20, 30, 40], 100.0)) == 3


def test_guarded_tables_lose_no_row() -> None:
    """Gains are fine; a table that is gone has lost all."""
    before = {"users": 2, "calls": 6}

    assert count_shortfalls(before, {"users": 2, "calls": 7}, ["users", "calls"]) == []
    assert count_shortfalls(before, {"users": 2, "calls": 0}, ["users", "calls"]) == [
        "table calls has 0 of 6 rows; expected at least 6, as before the deployment"
    ]
    assert "table users is gone" in count_shortfalls(before, {"calls": 6}, ["users", "calls"])[0]


def test_a_table_that_the_baseline_does_not_know_is_inconclusive() -> None:
    """Unless another has lost rows, which is worse."""
    with pytest.raises(Inconclusive, match="does not know the rows of staff"):
        count_shortfalls({"users": 2}, {"users": 2, "staff": 1}, ["users", "staff"])
    assert len(count_shortfalls({"users": 2}, {"users": 1, "staff": 1}, ["users", "staff"])) == 1


def test_tables_are_whole_when_their_indexes_agree() -> None:
    """One that is missing, unreadable, or at odds with itself is told."""
    assert table_shortfalls({"users": {"PRIMARY": 2, "email": 2}}, {}, ["users"]) == []
    found = table_shortfalls({"users": {"PRIMARY": 2, "email": 1}}, {"calls": "ERROR 1877"}, ["users", "calls", "staff"])
    assert found == [
        "there is no table staff; expected it",
        "table calls cannot be read to its end (ERROR 1877); expected it whole",
        "table users has 2 by PRIMARY, 1 by email; expected the same number of rows by each index",
    ]


@pytest.mark.parametrize(("found", "said"), [(1, "1 row breaks it"), (3, "3 rows break it"), (20, "20 or more rows break it")])
def test_a_broken_rule_names_rows(found: int, said: str) -> None:
    """At most five of them."""
    assert invariant_shortfalls(0, [], 20) == []
    (told,) = invariant_shortfalls(found, [str(number) for number in range(found)], 20)
    assert told.startswith(said)
    assert told.count(",") <= 6
