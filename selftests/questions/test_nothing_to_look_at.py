"""What a profile or a server leaves with nothing to look at is never green, and never silently absent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploycheck import questions
from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.questions import resources
from deploycheck.rules.resources import FileSystem
from deploycheck.thresholds import Thresholds


def test_an_item_that_asks_nothing_is_there_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty list of scanners, queues or services."""
    monkeypatch.setattr(questions, "QUESTIONS", {"code.security-alerts": lambda _: []})
    (question,) = questions.questions_of("code.security-alerts", cast(Any, None))

    with pytest.raises(NotConfigured, match=r"anything that code\.security-alerts could look at"):
        question.ask()


def test_a_server_without_storage_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it filtered out would be as good as no disk at all that is too full."""
    memory_only = FileSystem("/", "tmpfs", False, 100, 99, 1, None, None)
    seen = SimpleNamespace(server="web1", systems=(memory_only,))
    monkeypatch.setattr(resources, "_look_at", lambda _gateway, _server: seen)
    profile = SimpleNamespace(servers={"web1": None}, thresholds=Thresholds())
    asked = resources.resources(cast(Any, SimpleNamespace(profile=profile)))

    with pytest.raises(ObservationError, match=r"web1: none of its file systems is storage \(/ \(tmpfs\)\)"):
        next(question for question in asked if question.name == "disk of web1").ask()
