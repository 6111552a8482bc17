"""Canaries on a gateway in memory: those that come back are removed, the others stay in the ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploycheck.effects import Effect, permit
from deploycheck.errors import NotConfigured, NotPermitted, ObservationError
from deploycheck.evidence.ledger import Ledger
from deploycheck.settings import Login, Queues
from deploycheck.targets.api import Api
from deploycheck.targets.canaries import Canaries
from deploycheck.targets.http import Http
from selftests.stub import Answer, Asked, Stub

LOGIN = Login.model_validate({"identity_variable": "A", "password_variable": "B"})
QUEUES = Queues.model_validate({"names": ("default", "emails"), "canary_path": "/api/canary"})
WRITE = frozenset({Effect.WRITE})


class Aviary:
    """A gateway whose workers take the queues in `worked`."""

    def __init__(self, *worked: str) -> None:
        self.worked, self.flying = set(worked), dict[str, str]()
        self.stub = Stub(otherwise=self.answer)

    def answer(self, asked: Asked) -> Answer:
        """Answer as the gateway does."""
        identity = asked.path.rpartition("/")[2]
        if asked.path.startswith("/api/auth/"):
            return Answer(200, {"token": "token-of-ours"})
        if asked.method == "POST":
            queue = json.loads(asked.body)["queue"]
            self.flying[str(len(self.flying) + 1)] = queue
            return Answer(202, {"id": len(self.flying)})
        if identity not in self.flying:
            return Answer(404, {"message": "Not Found"})
        if asked.method == "DELETE":
            del self.flying[identity]
            return Answer(200, {})
        return Answer(200, {"status": "done" if self.flying[identity] in self.worked else "pending"})

    def canaries(self, settings: Queues = QUEUES) -> Canaries:
        """Return the client."""
        return Canaries(Api(Http(self.stub.url, timeout_s=5), LOGIN, "me", "secret"), settings)


def test_a_canary_that_comes_back_is_removed(tmp_path: Path) -> None:
    """And its time is the measurement."""
    aviary, ledger = Aviary("emails"), Ledger(tmp_path, "run")
    with aviary.stub, permit(WRITE):
        seen = aviary.canaries().fly("emails", ledger, 5)
    assert (seen.queue, seen.status, seen.unit, seen.limit) == ("emails", "done", "s", 5)
    assert seen.value < 2
    assert seen.removed.get() is True
    assert aviary.flying == {}
    assert ledger.open() == []


def test_a_canary_that_does_not_stays_in_the_ledger_until_it_does(tmp_path: Path) -> None:
    """The next run removes it, once somebody has finished it."""
    aviary, ledger = Aviary(), Ledger(tmp_path, "run")
    with aviary.stub, permit(WRITE):
        seen = aviary.canaries().fly("emails", ledger, 0.3)
        (entry,) = ledger.open()
        aviary.worked.add("emails")
        assert aviary.canaries().remove(entry.tag) == 1
        assert aviary.canaries().remove(entry.tag) == 0
    assert (seen.status, entry.tag) == ("pending", "1")
    assert seen.value > 0.3
    assert aviary.flying == {}


def test_a_canary_that_was_refused_is_an_error_and_leaves_its_queue_in_the_ledger(tmp_path: Path) -> None:
    """A 500 may have made its row."""
    aviary, ledger = Aviary(), Ledger(tmp_path, "run")
    aviary.stub.told = {"/api/canary": Answer(500, {"message": "Server Error"})}
    with aviary.stub, permit(WRITE), pytest.raises(ObservationError, match=r"answered 500 .* expected 200 or 201 or 202"):
        aviary.canaries().fly("emails", ledger, 1)
    assert [entry.tag for entry in ledger.open()] == ["on emails"]


def test_nothing_is_put_on_a_queue_without_leave(tmp_path: Path) -> None:
    """Neither by a check that may not write nor without a path."""
    aviary, ledger = Aviary(), Ledger(tmp_path, "run")
    with aviary.stub:
        with pytest.raises(NotPermitted):
            aviary.canaries().fly("emails", ledger, 1)
        with permit(WRITE), pytest.raises(NotConfigured, match="canary_path"):
            aviary.canaries(Queues(names=("emails",))).fly("emails", ledger, 1)
    assert aviary.stub.paths() == []
    assert ledger.open() == []
