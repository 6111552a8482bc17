"""The rehearsal of the troubleshooting commands: it asks the program manager once with the facts, and says so when that does not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploycheck.diagnostics import diagnose
from deploycheck.gateway import Gateway
from deploycheck.questions.help import DIAGNOSTICS
from deploycheck.rules.troubleshooting import SERVICE
from selftests.watch.gateways import gateway


@pytest.fixture
def managed(tmp_path: Path) -> Iterator[Callable[[str], Gateway]]:
    """Return a function that makes a gateway whose only server is this machine, with this command of a program manager."""
    made: list[Gateway] = []

    def make(command: str) -> Gateway:
        (tmp_path / "storage").mkdir()
        servers = {"app": {"ssh": "local://", "app": str(tmp_path), "programs": ("worker",)}}
        workers = {"manager": "supervisor", "command": command, "process": "artisan queue:work"}
        made.append(gateway("http://127.0.0.1:9", tmp_path, servers=servers, workers=workers))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_the_manager_is_asked_once_until_there_is_a_trouble(managed: Callable[[str], Gateway], tmp_path: Path) -> None:
    """Its answer to the facts stands in the rehearsal, with its time; first aid asks anew."""
    asked = tmp_path / "asked"
    of = managed(f"echo worker RUNNING; echo >>{asked} #")
    (question,) = DIAGNOSTICS[SERVICE.item](of)
    seen = question.ask()
    assert question.shortfalls(seen) == []
    assert seen.commands[-1].output.endswith("UTC:\nworker RUNNING")
    assert len(asked.read_text().splitlines()) == 1

    assert diagnose(of, SERVICE.item, "app").commands[-1].output == "worker RUNNING"
    assert len(asked.read_text().splitlines()) == 2


@pytest.mark.parametrize("command", ["/nonexistent/supervisorctl", "exit 4 #"])
def test_a_manager_that_does_not_answer_is_told(command: str, managed: Callable[[str], Gateway]) -> None:
    """From the facts' own look."""
    (question,) = DIAGNOSTICS[SERVICE.item](managed(command))
    (shortfall,) = question.shortfalls(question.ask())
    assert f"`{command} status` ended with" in shortfall
