"""A red line that the runbook's troubleshooting knows carries its remedy and what its commands said; in reports and on the terminal."""

from __future__ import annotations

import json

from selftests.house import House
from selftests.stub import Answer, Stub


def test_a_service_that_is_down_gets_its_help_once(house: House) -> None:
    """Of several checks that are red for one reason, one carries it."""
    with Stub({"/api/health": Answer(502, b"<h1>502 Bad Gateway</h1>")}) as stub:
        house.profile(stub.url, '[health.overall]\npath = "/api/health"\n[health.database]\npath = "/api/health"\n', name="down")
        ended = house.pytest("-m", "postdeploy", "-k", "health_checks", "--env", "down")

    records = [json.loads(line) for line in ended.text("journal.jsonl").splitlines()]
    helped = [record for record in records if record["kind"] == "diagnostics"]
    assert [record["data"]["title"] for record in helped] == ["Service Won't Start"]
    assert "chown -R www-data" in helped[0]["data"]["remedy"]
    assert "health_checks" in helped[0]["test"]
    assert "Service Won't Start: the runbook's remedy" in ended.terminal
    assert "chown -R www-data" in ended.text("report.html")
