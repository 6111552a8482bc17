"""SSH signatures over a file, made and checked by ssh-keygen: agents and hardware keys work because it does the work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploycheck.errors import DeploycheckError

NAMESPACE = "deploycheck"
SUFFIX = ".sig"
_LIMIT_S = 60.0  # a hardware key waits for a touch
_LIMIT_UNATTENDED_S = 20.0


@dataclass(frozen=True)
class Signature:
    """What a signature is worth. `principal` is None unless a file of allowed signers names one; `trouble`: why it does not count."""

    key: str
    principal: str | None
    trouble: str


def sign(path: Path, key: Path) -> Path:
    """Sign a file for the namespace `deploycheck` and return the signature's path, the file's with `.sig`.

    Args:
        path: the file.
        key: a private key, or a public key whose private half an agent holds.

    Raises:
        DeploycheckError: the key cannot be used, or asks for a passphrase where there is no terminal to ask at.
    """
    beside = path.with_name(path.name + SUFFIX)
    beside.unlink(missing_ok=True)  # ssh-keygen would ask whether to overwrite it
    attended = sys.__stdin__ is not None and sys.__stdin__.isatty()
    ended = _keygen(["sign", "-f", str(key), "-n", NAMESPACE, str(path)], attended=attended)
    if ended.returncode != 0 or not beside.exists():
        hint = "" if attended else "; a key with a passphrase needs ssh-agent where there is no terminal"
        raise DeploycheckError(f"{path.name} is not signed: ssh-keygen says {_said(ended)} of {key}{hint}")
    return beside


def check(path: Path, allowed_signers: Path | None, at: datetime | None) -> Signature | None:
    """Return what the signature beside a file is worth; None when there is none.

    Args:
        path: the signed file.
        allowed_signers: who may sign, in the format of ssh-keygen(1), ALLOWED SIGNERS; without it any key will do.
        at: when it was signed, by the file's own word: signers are allowed for a time.

    Raises:
        DeploycheckError: ssh-keygen is not there or does not answer, or the file of signers cannot be read.
    """
    beside = path.with_name(path.name + SUFFIX)
    if not beside.exists():
        return None
    content = path.read_bytes()
    whole = _keygen(["check-novalidate", "-n", NAMESPACE, "-s", str(beside)], content)
    if whole.returncode != 0:
        return Signature("", None, _why_not(_said(whole)))
    key = re.search(r"with (.+ key \S+)", whole.stdout.decode("utf-8", "replace"))
    named = key[1] if key else "an unknown key"
    if allowed_signers is None:
        return Signature(named, None, "")
    if not allowed_signers.is_file():
        raise DeploycheckError(f"{allowed_signers} is not a file; expected one of allowed signers (ssh-keygen(1), ALLOWED SIGNERS)")
    when = ["-O", f"verify-time={at:%Y%m%d%H%M%S}Z"] if at else []
    found = _keygen(["find-principals", *when, "-f", str(allowed_signers), "-s", str(beside)])
    trouble = _said(found)
    for principal in found.stdout.decode("utf-8", "replace").split("\n"):
        signer = ["-I", principal, "-f", str(allowed_signers)]
        if not principal:
            continue
        verified = _keygen(["verify", *when, "-n", NAMESPACE, "-s", str(beside), *signer], content)
        if verified.returncode == 0:
            return Signature(named, principal, "")
        trouble = _said(verified)
    return Signature(named, None, f"it is by {named}, whom {allowed_signers} does not allow ({trouble})")


def _why_not(said: str) -> str:
    if "namespace" in said:
        return f"it was made for another purpose than '{NAMESPACE}' ({said})"
    return f"it does not fit the statement ({said})"


def _keygen(arguments: Sequence[str], stdin: bytes = b"", *, attended: bool = False) -> subprocess.CompletedProcess[bytes]:
    # In a session of its own there is no terminal that ssh-keygen could open to ask for a passphrase and wait for ever.
    limit_s = _LIMIT_S if attended else _LIMIT_UNATTENDED_S
    variables = {key: value for key, value in os.environ.items() if key not in {"SSH_ASKPASS", "DISPLAY", "WAYLAND_DISPLAY"}}
    try:
        return subprocess.run(
            ["ssh-keygen", "-Y", *arguments],
            input=stdin,
            capture_output=not attended,
            timeout=limit_s,
            env=None if attended else {**variables, "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C"},
            start_new_session=not attended,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DeploycheckError(f"ssh-keygen -Y {arguments[0]} did not end within {limit_s:.0f} s") from None
    except OSError as trouble:
        raise DeploycheckError(f"ssh-keygen cannot be run ({trouble.strerror}); expected OpenSSH 8.2 or newer") from None


def _said(ended: subprocess.CompletedProcess[bytes]) -> str:
    lines = [line for line in (ended.stderr or b"").decode("utf-8", "replace").splitlines() if line.strip()]
    return f"'{lines[-1].strip()}'" if lines else "nothing"
