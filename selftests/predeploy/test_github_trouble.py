"""Whatever is wrong with GitHub itself: every item that asks it ends in an error that names host and variable, in nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from selftests.predeploy.asking import told
from selftests.predeploy.releases import Candidate, hotfix

RELEASE = ("code.prs-merged", "code.ci-passing", "code.security-alerts", "code.docs-updated", "code.changelog-updated", "tests.unit",
           "tests.integration", "tests.e2e", "tests.performance", "staging.main-merged")  # fmt: skip
HOTFIX = ("hotfix.severity", "hotfix.minimal", "hotfix.approval", "hotfix.rollback", "hotfix.review")


def closed(candidate: Candidate) -> None:
    """Nothing listens where GitHub should be."""
    candidate.url = "http://127.0.0.1:1/github"


def nameless(candidate: Candidate) -> None:
    """There is no network: the name does not resolve."""
    candidate.url = "http://github.invalid"


def mode(name: str, **further: object) -> Callable[[Candidate], None]:
    """Let the stand-in be in a mode."""
    return lambda candidate: candidate.github.set(mode=name, **further)


TROUBLES: dict[str, tuple[Callable[[Candidate], None], str, str]] = {
    "closed": (closed, "third party", "connection refused"),
    "no network": (nameless, "third party", "does not resolve"),
    "refused": (mode("refused"), "configuration", "answered 401"),
    "suspended": (mode("suspended"), "configuration", "answered 403"),
    "a page": (mode("html"), "third party", "not JSON"),
    "down": (mode("down"), "third party", "answered 503"),
    "cut": (mode("cut"), "third party", "cut the body off"),
    "limited": (mode("rate-limited", retry_after_s=1800), "third party", "to be asked again in 1,800 s"),
}


@pytest.mark.parametrize("item", [*RELEASE, *HOTFIX])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_with_github_is_an_error(candidate: Candidate, item: str, trouble: str) -> None:
    """Not failed, not green, and whoever reads it knows where to look."""
    change, blame, seen = TROUBLES[trouble]
    if item in HOTFIX:
        hotfix(candidate)
    change(candidate)
    endings = list(candidate.asked(item).values())

    assert endings
    assert {(ending.outcome.value, ending.blame) for ending in endings} == {("error", blame)}, [told(ending) for ending in endings]
    for ending in endings:
        assert seen in ending.seen + ending.expected
        assert ending.seen.startswith(f"GitHub (GITHUB): GET {candidate.url}/")


@pytest.mark.parametrize("item", [*RELEASE, *HOTFIX])
def test_a_limit_is_waited_for(candidate: Candidate, item: str) -> None:
    """Twice limited, then answered: the item passes."""
    if item in HOTFIX:
        hotfix(candidate)
    candidate.github.set(mode="rate-limited", times=2, retry_after_s=0)

    assert {told(ending) for ending in candidate.asked(item).values()} == {"passed"}


def test_what_was_asked_again_is_in_the_evidence(candidate: Candidate) -> None:
    """An item that passed only after a retry says so."""
    candidate.github.set(mode="rate-limited", times=2, retry_after_s=0)

    retries = candidate.seen("code.docs-updated", "documentation").retries
    assert len(retries) == 2
    assert "answered 429; asked again after 0.1 s" in retries[0]


def test_a_vendor_that_hangs_costs_its_own_deadline(candidate: Candidate) -> None:
    """It is given up on after the deadline of one call, and not asked again."""
    candidate.profile = candidate.profile.replace("timeout_s = 1.5", "timeout_s = 2.5")
    candidate.github.set(mode="slow", slow_s=30.0)
    (ending,) = candidate.asked("code.prs-merged").values()

    assert ending.outcome.value == "error"
    assert "waiting for the first byte of the answer" in ending.seen
    assert "2.5 s" in ending.seen
    assert len(candidate.github.vendors.requests) == 1


def test_nothing_but_reads_arrives(candidate: Candidate) -> None:
    """Whatever these items ask, they change nothing."""
    for item in RELEASE:
        candidate.asked(item)
    hotfix(candidate)
    for item in HOTFIX:
        candidate.asked(item)

    asked = list(candidate.github.vendors.requests)
    assert len(asked) > 40
    assert {request["method"] for request in asked} == {"GET"}
