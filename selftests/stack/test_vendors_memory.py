"""The stand-ins' memory: what is over is forgotten in time, what is under way is not."""

from __future__ import annotations

from pathlib import Path

from stack.vendors.state import KEPT, State


def test_what_is_over_is_forgotten_oldest_first(tmp_path: Path) -> None:
    """Each answer costs as much as is remembered: after two hundred deployments vendors seemed ill."""
    state = State(tmp_path / "state.json")
    with state.open() as vendors:
        ends = ["accepted", *["cancelled"] * KEPT, "accepted", "cancelled"]
        vendors["calcom"]["bookings"] = [{"id": number, "status": status} for number, status in enumerate(ends)]
        vendors["retell"]["calls"] = [{"call_status": "registered"}] * (KEPT + 5)
        vendors["sms"]["messages"] = [{"sid": number} for number in range(KEPT + 5)]
    with state.open() as vendors:
        kept = [row["id"] for row in vendors["calcom"]["bookings"]]
        assert kept == [0, *range(4, KEPT + 3)]
        assert len(vendors["retell"]["calls"]) == KEPT + 5
        assert [row["sid"] for row in vendors["sms"]["messages"]] == list(range(5, KEPT + 5))
