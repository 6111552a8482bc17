"""One item asked on an environment of the test's own, in this process: how each of its questions ended, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from deploycheck.errors import Blame
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.outcomes import PASSED, Ending, ending, listed
from deploycheck.profile import Environment, load
from deploycheck.questions import QUESTIONS, Question
from deploycheck.release import Release

COMMIT = "0123456789abcdef0123456789abcdef01234567"
RELEASE = Release(version="1.2.3", commit=COMMIT)


def environment(folder: Path, profile: str, variables: Mapping[str, str]) -> Environment:
    """Return the environment of a profile; what each must have is given where it has none."""
    top, known_hosts = profile.partition("\n[")[0], folder / "known_hosts"
    known_hosts.touch()
    head = "" if "base_url = " in top and not top.startswith("[") else 'base_url = "https://gateway.test"\n'
    file = folder / "own.toml"
    file.write_text(f'name = "own"\n{head}{profile}\n[ssh]\nknown_hosts = "{known_hosts}"\n', encoding="utf-8")
    return load(str(file), variables=variables)


def asked(
    item: str, folder: Path, profile: str, variables: Mapping[str, str] = MappingProxyType({}), *, release: Release = RELEASE
) -> dict[str, Ending]:
    """Return, by question, how the item ends on an environment with this profile, as a run would put it.

    Args:
        folder: holds the profile, and the reports below reports/. variables: the secrets that the profile names.
    """
    return ended_on(item, environment(folder, profile, variables), release, folder / "reports")


def ended_on(item: str, there: Environment, release: Release, reports: Path) -> dict[str, Ending]:
    """Return the same on an environment that is there already."""
    observatory = Observatory()
    gateway = Gateway(there, release, observatory, reports)
    try:
        return {question.name: _ended(item, question, gateway.profile.not_used) for question in QUESTIONS[item](gateway)}
    finally:
        observatory.close()
        gateway.close()


def _ended(item: str, question: Question, not_used: Mapping[str, str]) -> Ending:
    try:
        shortfalls = question.shortfalls(question.ask())
    except Exception as raised:
        trouble: Exception = raised
    else:
        if not shortfalls:
            return PASSED
        trouble = AssertionError(listed(shortfalls, question.where))
    ended = ending(trouble, item=item, in_call=True, blamed=question.blames, not_used=not_used)
    if ended.blame == Blame.VERIFIER.value:  # a check that breaks by itself is no proof of anything
        raise trouble
    return ended


def told(ended: Ending) -> str:
    """Return an ending in one line, as a table of cases compares it: the outcome, whom it calls, what was seen."""
    return f"{ended.outcome.value} [{ended.blame}] {ended.seen}" if ended.blame else ended.outcome.value
