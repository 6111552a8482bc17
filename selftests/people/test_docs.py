"""What docs/releases.md and releases/README.md show can be copied."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from deploycheck.__main__ import main
from deploycheck.release import parse, planned
from deploycheck.rules.deployment_window import deployment_window
from deploycheck.settings import Profile
from deploycheck.signers import read_signers

ROOT = Path(__file__).parent.parent.parent
DOCS = (ROOT / "docs" / "releases.md").read_text(encoding="utf-8")


def blocks(text: str, language: str = "toml") -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_release_file_that_is_shown_is_one() -> None:
    """Whole, with a window that is real."""
    (shown,) = blocks((ROOT / "releases" / "README.md").read_text(encoding="utf-8"))
    assert planned(parse(shown, "README.md"))


def test_the_calendar_that_is_shown_is_one() -> None:
    """With a freeze that is real."""
    (shown,) = blocks(DOCS)
    keys = {"name": "x", "base_url": "https://x.test", **tomllib.loads(shown)}
    profile = Profile.model_validate_json(json.dumps(keys))
    assert profile.calendar
    assert profile.calendar.freezes
    assert [deployment_window(freeze.start, freeze.end, profile.time_zone) for freeze in profile.calendar.freezes]


def test_the_signers_that_are_shown_have_their_roles(tmp_path: Path) -> None:
    """And those of the checkout are nobody yet."""
    shown = next(block for block in blocks(DOCS, "text") if "roles=" in block)
    (tmp_path / "allowed_signers").write_text(shown.replace("AAAA…", "AAAA"), encoding="utf-8")
    found = read_signers(tmp_path / "allowed_signers")

    assert found.grants == {"qa": ("tests.*",), "lead": ("*", "waive:*")}
    assert {"mara@example.test", "mara", "lea@example.test"} <= found.people
    assert read_signers(ROOT / "releases" / "allowed_signers").by_key == {}


@pytest.mark.parametrize("line", re.findall(r"python -m deploycheck ([a-z-]+)(?: (new))?", DOCS), ids=" ".join)
def test_the_commands_that_are_shown_are_there(line: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each says what it takes."""
    with pytest.raises(SystemExit) as ended:
        main([line[0], "--help"])
    assert ended.value.code == 0
    assert "usage: python -m deploycheck" in capsys.readouterr().out
