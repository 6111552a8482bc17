"""Rollback plan reviewed: somebody else has looked at it, and the release that it brings back exists and is what runs now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from deploycheck.errors import Blame, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.questions.signed import signed
from deploycheck.rules.deployment import Running

ITEM = "comms.rollback-plan"
_NO_SUCH_COMMIT = 422


@dataclass(frozen=True)
class PreviousCommit:
    """What GitHub answers about the commit that a rollback brings back."""

    kind: ClassVar[str] = "facts"

    repository: str
    commit: str
    found: bool


def reviewed(gateway: Gateway) -> list[Question]:
    """Return the questions of comms.rollback-plan: the sign-off, the commit in the repository, what each server runs."""
    previous = gateway.release.previous
    if previous is None:
        told = "the release file names no previous release; expected [previous] with version and commit, what a rollback brings back"
        nothing = Question("previous release", lambda: (), lambda _: [told], f"release {gateway.release.version}", Blame.CONFIGURATION)
        return [*signed(ITEM)(gateway), nothing]
    there = Question("previous commit", partial(_commit, gateway, previous.commit), _commit_shortfalls, blames=Blame.CONFIGURATION)
    return [*signed(ITEM)(gateway), there, *_running(gateway, previous.version, previous.commit)]


def running_shortfalls(running: Sequence[Running], version: str, commit: str) -> list[str]:
    """Return what runs somewhere and is not what a rollback would bring back."""
    expected = f"{commit[:12]} ({version}), the previous release"
    return [f"{place.where} is {(place.runs or 'not told')[:12]}; expected {expected}" for place in running if place.runs != commit]


def _running(gateway: Gateway, version: str, commit: str) -> list[Question]:
    servers = list(gateway.profile.servers)
    if not servers:
        return [unanswerable("what runs now", NotConfigured("[servers]"))]
    return [
        Question(f"what {server} runs", partial(gateway.code, server), lambda seen: running_shortfalls(seen, version, commit), server)
        for server in servers
    ]


def _commit(gateway: Gateway, commit: str) -> PreviousCommit:
    repository = gateway.sources.github

    def ask() -> PreviousCommit:
        path = f"{repository.path}/commits/{commit}"
        # One that is readable answers 422 for a commit that it has not; 404 also means that it may not be read.
        needs = "contents: read"
        reading = repository.api.reading()
        answer = reading.ask(path, params={"per_page": "1"}, expected=(200, _NO_SUCH_COMMIT), needs=needs)
        if answer.status == _NO_SUCH_COMMIT:
            return PreviousCommit(repository.name, commit, False)
        with reading.shaped(f"commit {commit[:12]}"):
            return PreviousCommit(repository.name, commit, reading.read(answer)["sha"] == commit)

    return gateway.once(("commit", commit), ask)


def _commit_shortfalls(seen: PreviousCommit) -> list[str]:
    if seen.found:
        return []
    return [f"{seen.repository} has no commit {seen.commit[:12]}, the previous release's; expected it there, to go back to"]
