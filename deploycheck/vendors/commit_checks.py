"""What ran on a commit on GitHub: check runs of apps, commit statuses, and which of them the branch requires."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar
from urllib.parse import quote

from deploycheck.errors import Blame
from deploycheck.rules.commit_checks import RUNNING, Ran, Required, check_shortfalls, running, skipped
from deploycheck.vendors.api import Entry, Reading
from deploycheck.vendors.repository import PER_PAGE, Repository, instant

_PAUSE_S = 5.0
_PENDING = "pending"


@dataclass(frozen=True)
class Own:
    """Which checks are this suite itself: they wait for it, so it must not wait for them, and their earlier verdicts are no fact.

    `patterns` are of names; `run` and `job` are those of the workflow that this process is a part of, "" outside of GitHub Actions.
    """

    patterns: Sequence[str] = ()
    run: str = ""
    job: str = ""

    def is_mine(self, check: Ran) -> bool:
        """Whether a check is this suite. A job of a matrix has the job's name and its values in brackets."""
        here = bool(self.run and self.job) and f"/runs/{self.run}/" in f"{check.url}/"
        mine = here and (check.name == self.job or check.name.startswith(f"{self.job} ("))
        return mine or any(fnmatchcase(check.name, pattern) for pattern in self.patterns)


@dataclass(frozen=True)
class CommitChecks:
    """What ran on a commit. `notes` say what a reader should know although it fails nothing, such as a required check that was skipped."""

    kind: ClassVar[str] = "table"

    commit: str
    ran: tuple[Ran, ...]
    required: tuple[Required, ...]
    waited_s: float
    notes: tuple[str, ...] = ()
    retries: tuple[str, ...] = ()


def commit_checks(
    repository: Repository, commit: str, branch: str, *, further: Sequence[str] = (), own: Own = Own(), wait_s: float
) -> CommitChecks:
    """Return what ran on `commit`, once all of it has ended or something has failed, or as it is after `wait_s`.

    Args:
        branch: whose rules say what is required.
        further: names of checks that are required besides.
        own: what is not looked at, because it is this suite itself.

    Raises:
        ObservationError: GitHub does not answer, refuses the token, or does not know the commit or branch; or nothing has run at all.
    """
    begun, retries = time.monotonic(), list[str]()
    required, notes = _required(repository, branch, further)
    while True:
        reading = repository.api.reading()
        ran = tuple(one for one in _ran(repository, reading, commit) if not own.is_mine(one))
        retries += reading.retries
        if not ran:
            told = f"nothing has run on {commit[:12]} of {repository.name}: no check run and no commit status; expected the pipeline's"
            raise reading.strange(told, Blame.MISSING_DATA)
        waited_s = time.monotonic() - begun
        broken = any(not shortfall.startswith("the required") for shortfall in check_shortfalls(ran, required))
        if not running(ran) or broken or waited_s >= wait_s:
            notes += [f"the required check {name} was skipped: GitHub counts it as passed" for name in skipped(ran, required)]
            return CommitChecks(commit, ran, required, round(waited_s, 1), tuple(notes), tuple(retries))
        time.sleep(min(_PAUSE_S, wait_s - waited_s))


def _ran(repository: Repository, reading: Reading, commit: str) -> Iterator[Ran]:
    path = f"{repository.path}/commits/{commit}"
    # A commit that is not there would otherwise look like one on which nothing has run.
    reading.json(path, params={"per_page": "1"}, needs="contents: read")
    yield from _complete(reading, f"{path}/check-runs", "check_runs", {"filter": "latest"})
    yield from _complete(reading, f"{path}/status", "statuses", {})


def _complete(reading: Reading, path: str, name: str, params: dict[str, str]) -> Iterator[Ran]:
    """Yield every entry of a counted list, and insist on their number."""
    total, count = 0, 0
    for page in reading.pages(path, params={**params, **PER_PAGE}, needs="checks: read, commit statuses: read"):
        with reading.shaped(f"a page of {name}"):
            total = int(page["total_count"])
            for entry in page[name]:
                count += 1
                yield _check_run(entry) if name == "check_runs" else _status(entry)
    if count != total:
        raise reading.strange(f"GET {path} has {count} {name} in its pages; expected its total_count of {total}")


def _check_run(entry: Entry) -> Ran:
    done = entry["status"] == "completed"
    began, ended = instant(entry.get("started_at")), instant(entry.get("completed_at"))
    duration_s = (ended - began).total_seconds() if began and ended else None
    app = entry.get("app") or {}
    conclusion = str(entry["conclusion"]) if done else RUNNING
    return Ran(str(entry["name"]), conclusion, duration_s, str(entry.get("html_url") or ""), int(app["id"]) if "id" in app else None)


def _status(entry: Entry) -> Ran:
    state = str(entry["state"])
    return Ran(str(entry["context"]), RUNNING if state == _PENDING else state, None, str(entry.get("target_url") or ""))


def _required(repository: Repository, branch: str, further: Sequence[str]) -> tuple[tuple[Required, ...], list[str]]:
    """Return what rulesets, classic protection and the profile require, and what of that could not be seen."""
    reading, found, notes = repository.api.reading(), [Required(name) for name in further], []
    name = quote(branch, safe="")
    rules = reading.ask(f"{repository.path}/rules/branches/{name}", params=PER_PAGE, expected=(200, 404), needs="metadata: read")
    if rules.status == 404:
        # Told apart from a branch that is not there; Enterprise Server below 3.11 has no rulesets.
        reading.json(f"{repository.path}/commits/{name}", params={"per_page": "1"}, needs="contents: read")
        notes.append("the branch's rules could not be seen")
    else:
        for entry in reading.entries(f"{repository.path}/rules/branches/{name}", params=PER_PAGE):
            with reading.shaped("a rule of the branch"):
                if entry["type"] == "required_status_checks":
                    checks = entry["parameters"]["required_status_checks"]
                    found += [Required(str(one["context"]), one.get("integration_id")) for one in checks]
    # For administrators only; without, 403 or 404, which also stands for a branch that is not protected so.
    classic = reading.ask(f"{repository.path}/branches/{name}/protection/required_status_checks", expected=(200, 403, 404))
    if classic.status == 200:
        with reading.shaped("the branch's protection"):
            found += [Required(str(one["context"]), one.get("app_id")) for one in reading.read(classic)["checks"]]
    elif classic.status == 403:
        notes.append("classic branch protection may not be seen with this credential")
    if not found:
        notes.append("no check is known to be required: list them as [code] required_checks")
    return tuple(dict.fromkeys(found)), notes
