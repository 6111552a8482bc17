"""A checkout of one's own for self-tests: this suite's code, with profiles, releases, checks and reports of the test's making.

What runs in it is the real suite in a process of its own, so that a test sees what a person would: an exit code, a terminal, files.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from deploycheck.evidence.run import Run, read_run

CHECKOUT = Path(__file__).parent.parent
COMMIT = "0123456789abcdef0123456789abcdef01234567"
RELEASE = f'version = "1.2.3"\ncommit = "{COMMIT}"\n[tables]\n'
LIMIT_S = 60
_LINKED = ("deploycheck", "stack", "docs", "tests_predeploy", "tests_postdeploy", "tests_performance")
_COPIED = ("conftest.py", "pyproject.toml")


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, what it wrote on the terminal, and the folder of its run (None: it left none)."""

    code: int
    terminal: str
    folder: Path | None

    @property
    def run(self) -> Run:
        """The run as its journal has it."""
        assert self.folder, self.terminal
        return read_run(self.folder)

    def text(self, name: str) -> str:
        """Return one of the run's files."""
        assert self.folder, self.terminal
        return (self.folder / name).read_text(encoding="utf-8")

    def outcomes(self) -> dict[str, str]:
        """Return the name of each check, without its module, and its outcome as the journal has it."""
        return {test.rpartition("::")[2]: str(result.outcome) for test, result in self.run.results.items()}

    def junit(self) -> dict[str, tuple[str, str]]:
        """Return, by the check's name, JUnit's own word for it and the suite's."""
        cases = ElementTree.fromstring(self.text("junit.xml")).iter("testcase")  # noqa: S314 - our own file
        return {_property(case, "test").rpartition("::")[2]: (_word(case), _property(case, "outcome")) for case in cases}

    def page(self) -> dict[str, str]:
        """Return, by the check's name, the outcome in the first cell of its row in pytest.html."""
        blob = re.search(r'data-jsonblob="([^"]*)"', self.text("pytest.html"))
        assert blob
        tests = json.loads(html.unescape(blob[1]))["tests"]
        return {
            html.unescape(test).rpartition("::")[2]: re.sub(r"<[^>]*>", "", rows[0]["resultsTableRow"][0]) for test, rows in tests.items()
        }


def _property(case: ElementTree.Element, name: str) -> str:
    return next(str(entry.get("value")) for entry in case.iter("property") if entry.get("name") == name)


def _word(case: ElementTree.Element) -> str:
    return next((kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None), "passed")


class House:
    """The checkout. `environments/`, `releases/` and `reports/` are its own; release 1.2.3 is there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        for name in _LINKED:
            (root / name).symlink_to(CHECKOUT / name)
        for name in _COPIED:
            shutil.copy(CHECKOUT / name, root / name)
        self.write("releases/1.2.3/release.toml", RELEASE)
        (root / "environments").mkdir()

    def write(self, path: str, text: str) -> Path:
        """Write a file and return where."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def profile(self, url: str, rest: str = "", *, name: str = "stub", top: str = "") -> Path:
        """Write environments/NAME.toml: a gateway at `url`, further keys in `top`, further sections in `rest`."""
        return self.write(f"environments/{name}.toml", f'name = "{name}"\nbase_url = "{url}"\n{top}\n{rest}\n')

    def checks(self, body: str, name: str = "tests_own/test_own.py") -> Path:
        """Write a module of checks; what they are made of is imported for them."""
        return self.write(name, f"{_PREAMBLE}\n{body}\n")

    def command(self, *words: str) -> list[str]:
        """Return a command line that runs this checkout's code."""
        return [sys.executable, "-m", *words]

    def variables(self, further: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a command: this process's, without what CI sets."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "PYTEST_", "STACK_", "COV_"))}
        return {**kept, "NO_COLOR": "1", "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": "1", **further}

    def python(self, *words: str, **further: str) -> Ended:
        """Run `python -m words` to its end."""
        before = self.folders()
        done = subprocess.run(
            self.command(*words), cwd=self.root, env=self.variables(further), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=LIMIT_S, check=False,
        )  # fmt: skip
        new = sorted(set(self.folders()) - set(before))
        return Ended(done.returncode, done.stdout + done.stderr, new[-1] if new else None)

    def pytest(self, *words: str, **further: str) -> Ended:
        """Run pytest in this checkout, on release 1.2.3 of the environment `stub`."""
        return self.python("pytest", "--env", "stub", "--release", "1.2.3", *words, **further)

    def start(self, *words: str, **further: str) -> subprocess.Popen[str]:
        """Begin the same in the background, in a process group of its own; the caller ends it."""
        return subprocess.Popen(
            self.command("pytest", "--env", "stub", "--release", "1.2.3", *words), cwd=self.root, env=self.variables(further),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            preexec_fn=hear_ctrl_c,
        )  # fmt: skip

    def folders(self) -> list[Path]:
        """Return the folders of all runs, oldest first."""
        return sorted(path.parent for path in (self.root / "reports").glob("*/*/*/journal.jsonl"))


def hear_ctrl_c() -> None:
    """Undo that whoever runs these tests in the background, as some CI does, has them ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


_PREAMBLE = '''"""Checks of a self-test."""

import os
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from deploycheck import errors

pytestmark = pytest.mark.postdeploy
'''
