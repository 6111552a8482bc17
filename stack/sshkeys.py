"""The keys of the stack's sshd and of its only visitor."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stack.layout import Layout


def make(layout: Layout) -> None:
    """Write STATE/ssh: the client's key pair, authorized_keys, the host key, and known_hosts that pins it."""
    directory = layout.path("ssh")
    client = pair(directory / "id_ed25519")
    host = pair(directory / "host_ed25519")
    (directory / "authorized_keys").write_text(f"{client}\n")
    (directory / "known_hosts").write_text(f"[127.0.0.1]:{layout.port('ssh')} {host}\n")


def pair(path: Path) -> str:
    """Write a new private key and its public half beside it; return the latter in OpenSSH's one-line form."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(private)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    path.with_name(path.name + ".pub").write_text(f"{public}\n")
    return public
