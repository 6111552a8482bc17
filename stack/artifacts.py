"""What CI has measured of each release on its staging environment: the performance results that GitHub's stand-in hands out.

A result counts for days only, so it is made anew when it is a day old.
"""

from __future__ import annotations

import io
import tempfile
import time
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from stack import origin
from stack.layout import Layout

ENVIRONMENT = "staging"
FRESH_S = 86_400.0
# Item -> title, and what was measured: name, value, unit, limit.
MEASURED: Mapping[str, tuple[str, str, float, str, float]] = {
    "perf.response-time": ("Check response times", "p95 response time", 187.0, "ms", 500.0),
    "success.error-rate": ("Error rate < 0.1%", "error rate, upper confidence bound", 0.0007, "", 0.001),
    "success.p95": ("Response time < 500ms (p95)", "p95 response time, upper confidence bound", 203.0, "ms", 500.0),
}


def refresh(layout: Layout) -> None:
    """Make the performance results of all releases, unless there are some of today."""
    folder = layout.path("artifacts")
    if folder.is_dir() and time.time() - folder.stat().st_mtime < FRESH_S:
        return
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # whatever the umask: the application's user reads it
    for release in origin.releases():
        commit = origin.commit_of(layout.path("origin.git"), release.version)
        half = folder / f"{commit}.new"
        half.write_bytes(performance(release.version, commit))
        half.chmod(0o644)
        half.replace(folder / f"performance-{commit}.zip")


def performance(version: str, commit: str, outcomes: Mapping[str, str] | None = None, environment: str = ENVIRONMENT) -> bytes:
    """Return an archive with the sealed folder of a run that has measured a release just now.

    Args:
        outcomes: item = how it ended, where that is not `passed`; "" for one that was left out.
    """
    from deploycheck.evidence.journal import Journal  # only who makes results needs the suite's own way to seal them
    from deploycheck.evidence.redact import Redactor
    from deploycheck.evidence.run import JOURNAL
    from deploycheck.evidence.seal import seal

    told = {item: (outcomes or {}).get(item, "passed") for item in MEASURED}
    told = {item: outcome for item, outcome in told.items() if outcome}
    with tempfile.TemporaryDirectory() as reports:
        folder = Path(reports) / environment / version / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-performance"
        folder.mkdir(parents=True)
        journal = Journal(folder / JOURNAL, Redactor(()))
        facts = {"run": folder.name, "stage": "performance", "environment": environment, "release": {"version": version, "commit": commit}}
        journal.write("run-started", facts)
        journal.write("planned", {"tests": [{"test": item, "item": item, "title": MEASURED[item][0]} for item in told]})
        for item, outcome in told.items():
            title, name, value, unit, limit = MEASURED[item]
            seen = "" if outcome == "passed" else f"{name} is above {limit:g} {unit}"
            journal.write("measurement", {"title": name, "value": value, "unit": unit, "limit": limit}, test=item, item=item)
            words = {"title": title, "outcome": outcome, "seen": seen, "expected": "", "blame": "", "remedy": "", "duration_s": 60.0}
            journal.write("result", words, test=item, item=item)
        good = set(told.values()) <= {"passed"}
        verdict = {"verdict": "keep" if good else "no-go", "exit_code": 0 if good else 1}
        journal.write("run-ended", {**verdict, "interrupted": False, "reason": "", "not_reached": []})
        journal.close()
        seal(folder)
        return _zipped(Path(reports))


def _zipped(folder: Path) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return kept.getvalue()
