"""What self-tests do to sealed folders."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploycheck.evidence.run import JOURNAL

OUTCOMES = {"health": "passed", "redis": "waived", "backup": "not applicable", "queue.a": "passed", "queue.b": "passed"}


def new_key(path: Path, passphrase: str = "") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)], check=True)
    return path


def allowed(path: Path, key: Path, principal: str = "mara@example.test", options: str = "") -> Path:
    """Write a file of allowed signers with one key."""
    path.write_text(f"{principal} {options} {key.with_name(key.name + '.pub').read_text()}")
    return path


def statement(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "statement.json").read_text(encoding="utf-8"))
    return content


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the statement as somebody would who knows its format."""
    content = statement(folder)
    change(content)
    (folder / "statement.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def lines(folder: Path) -> list[bytes]:
    return (folder / JOURNAL).read_bytes().splitlines(keepends=True)


def write(folder: Path, journal: list[bytes]) -> None:
    (folder / JOURNAL).write_bytes(b"".join(journal))
