"""The list of Debian packages, and what is said when one is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stack import packages
from stack.errors import StackError
from stack.packages import PACKAGES, PROOF_ROOT_VARIABLE
from stack.private import CHECKOUT, private_stack


def test_every_package_is_here() -> None:
    """The other tests of this folder run on this machine, so it has them all."""
    assert packages.missing({}) == []


def test_every_proof_belongs_to_its_package() -> None:
    """A proof that another package brings would let a missing one pass."""
    if not shutil.which("dpkg-query"):
        pytest.skip("not applicable: no dpkg on this machine")
    shortfalls = []
    for package in PACKAGES:
        done = subprocess.run(["dpkg-query", "-L", package.name], capture_output=True, text=True, check=False, timeout=30)
        if package.proof not in done.stdout.splitlines():
            shortfalls.append(package)

    assert shortfalls == []


def test_a_machine_without_packages_lacks_all_of_them(tmp_path: Path) -> None:
    """The proofs are looked for under the directory that the variable names."""
    assert packages.missing({PROOF_ROOT_VARIABLE: str(tmp_path)}) == list(PACKAGES)


def test_the_sentence_names_package_proof_and_command(tmp_path: Path) -> None:
    """One missing package is named alone."""
    for package in PACKAGES:
        if package.name != "redis-server":
            proof = Path(f"{tmp_path}{package.proof}")
            proof.parent.mkdir(parents=True, exist_ok=True)
            proof.touch()

    with pytest.raises(StackError, match=r"redis-server \(/usr/bin/redis-server\); install with: apt-get .* redis-server$"):
        packages.require_all({PROOF_ROOT_VARIABLE: str(tmp_path)})


def test_the_list_needs_no_third_party_package(tmp_path: Path) -> None:
    """It is printed before any venv exists: `-S` hides everything that is not the standard library."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "stack", "packages", "--missing"],
        cwd=CHECKOUT, env={PROOF_ROOT_VARIABLE: str(tmp_path)}, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [package.name for package in PACKAGES]


def test_up_with_a_missing_package_makes_nothing(tmp_path: Path) -> None:
    """One sentence on stderr, exit code 2, and no state directory."""
    with private_stack() as stack:
        done = stack.run("up", **{PROOF_ROOT_VARIABLE: str(tmp_path)})

        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert "missing Debian packages: curl (/usr/bin/curl)" in done.stderr
        assert not stack.layout.state.exists()
