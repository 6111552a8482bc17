"""The two commands of the README: what they say where they cannot work."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def check_system(release: Path) -> subprocess.CompletedProcess[str]:
    """Run the set-up's first step as on the system that `release` describes."""
    command = ["bash", "-c", ". tools/prepare.sh; check_system"]
    environment = {"PATH": "/usr/bin:/bin", "OS_RELEASE": str(release)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=30)


def test_another_system_is_told_in_one_sentence_what_is_needed(tmp_path: Path) -> None:
    """On Fedora nothing is tried; the sentence names what the gateway needs, and what works without it."""
    release = tmp_path / "os-release"
    release.write_text('ID=fedora\nPRETTY_NAME="Fedora Linux 41"\n', encoding="utf-8")
    ended = check_system(release)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stderr.startswith("This is Fedora Linux 41: the local gateway needs Debian 12")


def test_a_derivative_of_debian_will_do(tmp_path: Path) -> None:
    """Ubuntu and others name Debian in ID_LIKE."""
    release = tmp_path / "os-release"
    release.write_text('ID=linuxmint\nID_LIKE="ubuntu debian"\n', encoding="utf-8")
    assert check_system(release).returncode == 0
