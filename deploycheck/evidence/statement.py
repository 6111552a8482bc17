"""A run's statement: what was tested, with what, with which result, and the digest of every file that says so.

Everything in it follows from the folder, so that a verifier can make it again and compare.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploycheck.evidence.chain import ALGORITHM, CHAIN, digests, head, lines_of
from deploycheck.evidence.run import JOURNAL, Run
from deploycheck.evidence.signature import SUFFIX
from deploycheck.evidence.thread import STATEMENT, sha256_of
from deploycheck.rules.verdict import Outcome, Verdict

SIGNATURE = STATEMENT + SUFFIX
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
OURS = "deploycheck"
NO_RESULT = "no result"
_NOT_ASKED = frozenset({Outcome.NOT_APPLICABLE, Outcome.NOT_PROVIDED})


def file_digests(folder: Path) -> dict[str, str]:
    """Return name to SHA-256 of every file of a run's folder but the statement and its signature; of a link, where it points."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"a link to {path.readlink()}"
        elif path.is_file() and name not in {STATEMENT, SIGNATURE}:
            found[name] = sha256_of(path)
    return found


def write_chain(folder: Path) -> None:
    """Keep the digests of the journal's lines, by which a change is found where it is."""
    (folder / CHAIN).write_text("".join(f"{digest}\n" for digest in digests(lines_of(folder / JOURNAL))), encoding="ascii")


def statement(run: Run) -> dict[str, Any]:
    """Return the in-toto statement of a run that has ended, over the files as they are now.

    in-toto's three words mean: passed; passed with warnings, here under a waiver; failed, which is everything that cannot be relied
    on: a policy that accepts warnings must not accept what nobody has looked at. The real outcomes stand under `deploycheck`.

    Source: in-toto Attestation Framework, Statement v1 and predicate "Test Result" v0.1.
    """
    started, ended = run.started, run.ended or {}
    commit = str((started.get("release") or {}).get("commit") or "")
    release = {"name": str((started.get("release") or {}).get("version") or ""), "digest": {"gitCommit": commit}}
    files = [{"name": name, "digest": {"sha256": digest}} for name, digest in file_digests(run.folder).items()]
    lines = lines_of(run.folder / JOURNAL)
    tests = _tests(run)
    url = {"url": started["job_url"]} if started.get("job_url") else {}
    predicate = {
        "result": _result(str(ended.get("verdict")), tests),
        "configuration": [
            {"name": str(started.get("profile")), "digest": {"sha256": started.get("profile_sha256")}},
            {"name": "docs/runbook.md", "digest": {"sha256": started.get("runbook_sha256")}},
        ],
        **url,
        **tests,
        OURS: {
            "run": _name(run),
            "environment": started.get("environment"),
            "stage": started.get("stage"),
            "started_at": run.started_at.isoformat(timespec="seconds"),
            "suite_version": started.get("suite_version"),
            "verdict": ended.get("verdict"),
            "exit_code": ended.get("exit_code"),
            "outcomes": _outcomes(run),
            "journal": {"lines": len(lines), "head": head(lines), "algorithm": ALGORITHM},
            "thread": run.thread,
        },
    }
    return {"_type": STATEMENT_TYPE, "subject": [release, *files], "predicateType": PREDICATE_TYPE, "predicate": predicate}


def text_of(content: Mapping[str, Any]) -> str:
    """Return a statement as the text that is written and signed."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _name(run: Run) -> str:
    """Return the run's name as its journal has it: a copy in another folder is the same evidence."""
    version = folder_name(str((run.started.get("release") or {}).get("version")))
    return f"{version}/{run.started.get('run')}"


def folder_name(version: str) -> str:
    """Return a version as the name of a folder."""
    return re.sub(r"[^\w.+-]", "_", version)


def _tests(run: Run) -> dict[str, list[str]]:
    ends = {test: result.outcome for test, result in run.results.items()}
    open_ends = [test for test, end in ends.items() if end not in {Outcome.PASSED, Outcome.WAIVED, *_NOT_ASKED}]
    return {
        "passedTests": [test for test, end in ends.items() if end is Outcome.PASSED],
        "warnedTests": [test for test, end in ends.items() if end is Outcome.WAIVED],
        "failedTests": [*open_ends, *(planned.test for planned in run.not_reached)],
    }


def _result(verdict: str, tests: Mapping[str, Sequence[str]]) -> str:
    if verdict not in {Verdict.GO, Verdict.KEEP}:
        return "FAILED"
    return "WARNED" if tests["warnedTests"] else "PASSED"


def _outcomes(run: Run) -> dict[str, int]:
    counts = Counter(str(result.outcome) for result in run.results.values())
    counts.update({NO_RESULT: len(run.not_reached)} if run.not_reached else {})
    return dict(sorted(counts.items()))
