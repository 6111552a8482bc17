"""Switching faults on and off: the record stands before the fault is applied and goes after it was reverted."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack import active, switch
from stack.layout import Layout


class Recorded:
    """A fault that notes whether it was recorded when it was called."""

    name = "recorded"
    summary = "notes what it sees"

    def __init__(self, *, breaks: bool = False) -> None:
        self.seen: list[tuple[str, list[str]]] = []
        self.breaks = breaks

    def apply(self, layout: Layout) -> None:
        """Note, and fail half-way when told to."""
        self.seen.append(("apply", active.names(layout)))
        if self.breaks:
            raise RuntimeError("half-way")

    def revert(self, layout: Layout) -> None:
        """Note."""
        self.seen.append(("revert", active.names(layout)))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A layout with nothing but a place for faults."""
    (tmp_path / "faults").mkdir()
    return Layout("t", tmp_path)


def test_the_record_stands_while_the_fault_is_on(layout: Layout) -> None:
    """Recorded before it is applied, struck out after it was reverted."""
    fault = Recorded()
    said: list[str] = []
    switch.switch_on(layout, fault, said.append)
    switch.heal(layout, [fault], said.append)

    assert fault.seen == [("apply", ["recorded"]), ("revert", ["recorded"])]
    assert active.names(layout) == []


def test_a_fault_that_failed_half_way_can_be_healed(layout: Layout) -> None:
    """Its record stays."""
    fault = Recorded(breaks=True)
    with pytest.raises(RuntimeError, match="half-way"):
        switch.switch_on(layout, fault, print)

    assert active.names(layout) == ["recorded"]


def test_a_fault_is_not_applied_twice(layout: Layout) -> None:
    """What `apply` saved the first time must not be overwritten with the broken state."""
    fault = Recorded()
    said: list[str] = []
    switch.switch_on(layout, fault, said.append)
    switch.switch_on(layout, fault, said.append)

    assert [word for word, _ in fault.seen] == ["apply"]
    assert said[-1] == "recorded is on already"


def test_a_fault_that_is_not_on_is_not_reverted(layout: Layout) -> None:
    """Healing twice harms nothing."""
    fault = Recorded()
    said: list[str] = []
    switch.heal(layout, [fault], said.append)

    assert fault.seen == []
    assert said == ["recorded is not on"]
