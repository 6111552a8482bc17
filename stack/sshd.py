"""/run/sshd, the one place outside the state directory: root's sshd insists on it and only Debian's service makes it."""

from __future__ import annotations

from pathlib import Path

from stack import processes
from stack.layout import Layout

DIRECTORY = Path("/run/sshd")
# Says that a stack made the directory, so that the last stack that goes removes it and nobody removes Debian's.
MARKER = DIRECTORY / ".made-by-deploycheck-stack"


def ensure_directory(layout: Layout) -> None:
    """Make /run/sshd where root's sshd would miss it. An ordinary user's sshd does without."""
    if layout.as_root and not DIRECTORY.exists():
        DIRECTORY.mkdir(mode=0o755)
        MARKER.touch()


def remove_directory(layout: Layout) -> None:
    """Remove /run/sshd if a stack made it and no sshd runs any more, not even another stack's."""
    if layout.as_root and MARKER.exists() and not any(process.program == "sshd" for process in processes.table().values()):
        MARKER.unlink()
        if not any(DIRECTORY.iterdir()):
            DIRECTORY.rmdir()
