"""Much of everything: 1,200 open pull requests, 3,000 alerts and 900 check runs are judged rightly, in bounded memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors.api import MAX_PAGE_BYTES, Api
from deploycheck.vendors.commit_checks import commit_checks
from deploycheck.vendors.release_pulls import release_pulls
from deploycheck.vendors.repository import Repository
from deploycheck.vendors.security_alerts import open_alerts
from selftests.predeploy.asking import told
from selftests.predeploy.releases import Candidate
from selftests.stub import Answer, Asked, Stub

LATE = {"number": 6, "title": "Late", "milestone": {"number": 4, "title": "1.3.0", "due_on": None}}
CHECKS = [{"name": "build"}, {"name": "tests"}, {"name": "last", "conclusion": "failure"}]
MOST_BYTES = 12_000_000


def severe(*alerts: dict[str, Any]) -> dict[str, Any]:
    """Return what the scanners know: nothing but what Dependabot does."""
    return {"alerts": {"dependabot": list(alerts), "code-scanning": [], "secret-scanning": []}, "alert_filler": 3_000}


MUCH: dict[str, tuple[str, str, dict[str, Any], Callable[[Candidate], dict[str, Any]], str, int]] = {
    "pulls": ("code.prs-merged", "pull requests", {"pull_filler": 1_200}, lambda _: {"pulls": [LATE]}, "#6 (Late) is open", 12),
    "alerts": ("code.security-alerts", "dependabot", severe(), lambda _: severe({"severity": "critical"}), "1 alert is open: #3001", 30),
    "checks": ("code.ci-passing", "checks", {"check_filler": 900}, lambda c: {"checks": {c.commit: CHECKS}}, "last ended in failure", 10),
}


@pytest.mark.parametrize("what", MUCH)
def test_every_page_is_read(candidate: Candidate, what: str) -> None:
    """Green with all of the harmless ones; red by the one bad one, which stands on the last page."""
    item, part, harmless, bad, seen, pages = MUCH[what]
    candidate.github.set(**harmless)
    good = candidate.asked(item)[part]
    asked = len(candidate.github.vendors.requests)
    candidate.github.set(**bad(candidate))
    ending = candidate.asked(item)[part]

    assert told(good) == "passed"
    assert asked >= pages
    assert told(ending).startswith("failed [target] "), told(ending)
    assert seen in ending.seen


def of_real_size(kind: str, number: int) -> dict[str, Any]:
    """Return an entry as large as GitHub's: a pull request has 20 kB, an alert 8, a check run 4."""
    common = {"number": number, "html_url": "u", "created_at": "2026-11-01T00:00:00Z", "state": "open", "labels": [], "milestone": None}
    if kind == "pulls":
        return {**common, "body": "x" * 20_000}
    if kind == "alerts":
        about = {"severity": "low", "description": "x" * 8_000}
        return {**common, "dependency": {"package": {"ecosystem": "npm", "name": "x"}}, "security_advisory": about}
    return {"name": f"check {number}", "status": "completed", "conclusion": "success", "app": {"id": 1}, "output": {"text": "x" * 4_000}}


def served(kind: str, count: int) -> Callable[[Asked], Answer]:
    """Return what answers with pages that were made beforehand, so that serving them allocates next to nothing."""
    listed = [of_real_size(kind, number) for number in range(100)]
    body = json.dumps({"total_count": count, "check_runs": listed} if kind == "checks" else listed).encode()
    small = {"/status": {"total_count": 0, "statuses": []}, "/milestones": [], "/rules/branches/main": [], "checks": {"checks": []}}
    last = count // 100

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith(("/pulls", "/dependabot/alerts", "/check-runs")):
            page = int(next((pair[5:] for pair in asked.query.split("&") if pair.startswith("page=")), "1"))
            link = {"Link": f'<{asked.path}?page={page + 1}>; rel="next"'} if page < last and "per_page=1&" not in f"{asked.query}&" else {}
            return Answer(200, body, {"Content-Type": "application/json", **link})
        return Answer(200, next((told for end, told in small.items() if asked.path.endswith(end)), {}))

    return answer


def open_pulls(repository: Repository) -> int:
    """Return how many open pull requests were looked through: none of them is of this release, which is an error."""
    with pytest.raises(ObservationError, match=r"no pull request of o/r has the milestone 9\.9\.9"):
        release_pulls(repository, ("9.9.9",), (), "a" * 40, None)
    return 1_200


LOOKS: dict[str, tuple[int, Callable[[Repository], Any]]] = {
    "pulls": (1_200, open_pulls),
    "alerts": (3_000, lambda repository: open_alerts(repository, "dependabot", "main").counts["low"]),
    "checks": (900, lambda repository: len(commit_checks(repository, "a" * 40, "main", wait_s=0.1).ran)),
}


@pytest.mark.parametrize("what", LOOKS)
def test_no_more_than_a_few_pages_are_held(what: str) -> None:
    """Of up to 24 MB that come over the wire, and several times that as objects."""
    count, look = LOOKS[what]
    with Stub(otherwise=served(what, count)) as stub:
        api = Api("GitHub", Http(stub.url, max_body_bytes=MAX_PAGE_BYTES, blame=Blame.THIRD_PARTY), deadline_s=120.0)
        tracemalloc.start()
        try:
            assert look(Repository(api, "o/r")) == count
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert len(stub.asked) >= count // 100
    assert peak_bytes < MOST_BYTES
