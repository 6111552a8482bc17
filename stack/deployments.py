"""Deploying and rolling back by the scripts in STATE/bin, and remembering what was asked for."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import json
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from stack import origin
from stack.errors import StackError
from stack.layout import Layout
from stack.supervisor import awake
from stack.users import as_app_user

FIRST = "1.2.2"
SECOND = "1.2.3"
LIMIT_S = 300
ROOT = Path(__file__).parent.parent
# Imported when it is needed: the stack runs without the suite's libraries too.
BASELINE = "deploycheck.commands.baseline"


@dataclass(frozen=True)
class Installed:
    """A release as its directory names it."""

    version: str
    commit: str

    @classmethod
    def at(cls, link: Path) -> Installed | None:
        """Return what a `current` or `previous` link points at, or None when there is no such release."""
        try:
            return cls((link / "VERSION").read_text().strip(), (link / "REVISION").read_text().strip())
        except OSError:
            return None


def deploy(layout: Layout, version: str) -> int:
    """Deploy a release on both servers. Return the script's exit code.

    Raises:
        StackError: the origin has no such release.
    """
    commit = origin.commit_of(layout.path("origin.git"), version)
    _note_baseline(layout)
    _intend(layout, Installed(version, commit), Installed.at(layout.path("web1/current")))
    return run(layout, "deploy.sh", version)


def _note_baseline(layout: Layout) -> None:
    """Have the suite note what the gateway is like before the deployment, as a release engineer does. Without it, comparing
    before and after is inconclusive, and said so: no reason not to deploy."""
    os.environ.update({"STACK_NAME": layout.name, "STACK_STATE": str(layout.state.parent)})
    try:
        baseline = importlib.import_module(BASELINE)
        baseline.take_baseline("local", ROOT / "reports")
    except Exception as trouble:  # whatever it is: the deployment goes on
        print(f"no baseline was taken: {trouble}", flush=True)


def import_ahead() -> None:
    """Begin to import what a baseline needs: half a second that passes while others work."""
    threading.Thread(target=_import_quietly, daemon=True).start()


def _import_quietly() -> None:
    with contextlib.suppress(Exception):  # said when it is needed
        importlib.import_module(BASELINE)


def rollback(layout: Layout, *, database: bool) -> int:
    """Put both servers back on the previous release, with its schema when `database`. Return the script's exit code.

    Raises:
        StackError: there is no previous release.
    """
    previous = Installed.at(layout.path("web1/previous"))
    if previous is None:
        raise StackError(f"{layout.path('web1/previous')} points at no release: nothing was deployed since the last rollback")
    _intend(layout, previous, Installed.at(layout.path("web1/current")))
    return run(layout, "rollback.sh", *(["--database"] if database else []))


def run(layout: Layout, script: str, *arguments: str) -> int:
    """Run a script of STATE/bin as the application's user, its output on this terminal. Return its exit code."""
    command = ["/bin/bash", str(layout.path(f"bin/{script}")), *arguments]
    try:
        with awake(layout):
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, check=False, timeout=LIMIT_S, cwd=layout.path("run"), **as_app_user(layout)
            )
    except subprocess.TimeoutExpired:
        raise StackError(f"{script} was ended after {LIMIT_S} s; see {layout.path('log/deployment.log')}") from None
    return done.returncode


def _intend(layout: Layout, wanted: Installed, previous: Installed | None) -> None:
    """Write intended.json before anything is done: what was asked for stays the measure of what then runs."""
    content = {
        "version": wanted.version,
        "commit": wanted.commit,
        "previous": {"version": previous.version, "commit": previous.commit} if previous else None,
        "deployed_by": layout.app_user,
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    path = layout.path("intended.json")
    half = path.with_name(path.name + ".new")
    half.write_text(json.dumps(content, indent=2) + "\n")
    half.replace(path)
