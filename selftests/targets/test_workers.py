"""What workers say of themselves stands in one answer for all servers: one that failed is asked for again, and is no empty list."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploycheck.errors import ObservationError
from deploycheck.gateway import Gateway
from deploycheck.targets import workers
from selftests.stub import Answer, Stub
from selftests.watch.gateways import gateway

ENTRIES = [{"pid": 7, "server": "web1", "commit": "abc"}]
TOLD = Answer(200, {"workers": ENTRIES})


def told_at(stub: Stub, reports: Path) -> Gateway:
    """Return a gateway whose workers say what they run at `stub`."""
    versions = {"path": "/workers", "field": "workers", "server": "server", "commit": "commit"}
    return gateway(stub.url, reports, workers={"manager": "supervisor", "command": "true", "process": "x", "versions": versions})


def test_it_is_asked_for_once(tmp_path: Path) -> None:
    """However many servers there are."""
    with Stub({"/workers": TOLD}) as stub:
        of = told_at(stub, tmp_path)
        assert [workers._shared(of), workers._shared(of)] == [ENTRIES, ENTRIES]
        assert stub.paths() == ["/workers"]


def test_one_failure_is_not_all_servers(tmp_path: Path) -> None:
    """The second answer counts; a second failure is an error."""
    answers = iter([Answer(503, "busy"), TOLD, Answer(503, "busy")])
    with Stub({"/workers": lambda _: next(answers)}) as stub:
        of = told_at(stub, tmp_path)
        assert workers._shared(of) == ENTRIES
        with pytest.raises(ObservationError):
            workers._shared(of)
