"""A disk that is really full: a small file system, mounted and filled in a mount namespace of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from selftests.predeploy.machine import Machine

# Mounts a small file system in a namespace of its own, fills it, and asks there.
_FULL = """
truncate -s 20M {image} && mkfs.ext4 -q {image} && mount -o loop {image} {mount} || exit 77
cp -r {app} {mount}/ && dd if=/dev/zero of={mount}/ballast bs=1M count=20 2>/dev/null
exec {python} -c {asking}
"""
_ASKING = """
from pathlib import Path
from selftests.predeploy.asking import asked, told
found = asked("infra.resources", Path({folder!r}), Path({profile!r}).read_text())
print(*(f"{{name}}: {{told(ended)}}" for name, ended in found.items()), sep="\\n")
"""


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mkfs.ext4"), reason="only root may mount a file system")
def test_a_disk_that_is_really_full(machine: Machine, tmp_path: Path) -> None:
    """Of bytes; nothing is stood in for."""
    mount = tmp_path / "mount"
    mount.mkdir()
    machine.sections["servers.app"] = f'ssh = "local://"\napp = "{mount}/app"'
    (tmp_path / "profile").write_text(machine.profile)
    asking = _ASKING.format(folder=str(tmp_path), profile=str(tmp_path / "profile"))
    words = {"image": tmp_path / "image", "mount": mount, "app": machine.app, "python": sys.executable, "asking": f"'{asking}'"}
    command = ["unshare", "--mount", "sh", "-c", _FULL.format(**words).replace(f"'{asking}'", '"$0"'), asking]
    ended = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=False)
    if ended.returncode in (1, 77) and not ended.stdout:
        pytest.skip(f"a file system cannot be mounted here: {ended.stderr.strip()[-200:]}")

    assert f"disk of app: failed [target] app: {mount} is 100% full" in ended.stdout, ended.stdout + ended.stderr
    assert f"room on app: failed [target] app: 0.0 MiB are free on {mount}" in ended.stdout
    assert "memory of app: passed" in ended.stdout
