"""A team with keys, a file of who may sign what, and a release on an environment of its own; all in one folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploycheck.checklist import items
from deploycheck.evidence.signature import sign
from deploycheck.profile import Environment, load
from deploycheck.release import Release, find
from deploycheck.rules.statements import Kind, Statement
from deploycheck.statements import folder, write

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BEFORE = "fedcba9876543210fedcba9876543210fedcba98"
GRANTS = "# role qa: tests.*\n# role lead: *, waive:*\n"
ROLES = {"quinn": "qa", "lea": "lead", "ada": "qa,lead"}
AUTHOR = "ada@example.test"


class Team:
    """Quinn of QA, Lea who leads, and Ada, who has every role and wrote the release."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.releases = root / "releases"
        self.releases.mkdir(parents=True)
        self.lines = {name: self.line(name, roles) for name, roles in ROLES.items()}
        self.allow(*self.lines)
        self.profile('[not_used]\n"code.docs-updated" = "a self-test"')
        self.release()

    def profile(self, rest: str = "") -> Path:
        """Write the profile, whose environment is called `own`."""
        path = self.root / "own.toml"
        path.write_text(f'name = "own"\nbase_url = "http://127.0.0.1:1"\nreleases = "{self.releases}"\n{rest}\n', encoding="utf-8")
        return path

    def release(self, *, commit: str = COMMIT, author: str = AUTHOR, rest: str = "") -> None:
        """Write releases/1.2.3/release.toml."""
        path = self.releases / "1.2.3" / "release.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'version = "1.2.3"\ncommit = "{commit}"\nauthor = "{author}"\n{rest}\n', encoding="utf-8")

    def line(self, name: str, roles: str, options: str = 'namespaces="deploycheck"') -> str:
        """Make a key pair, and return its owner's line among the allowed signers."""
        return f"{name}@example.test {options} {self._pair(name)} roles={roles}"

    def allow(self, *names: str, grants: str = GRANTS, **lines: str) -> None:
        """Write who may sign."""
        chosen = [*(self.lines[name] for name in names), *lines.values()]
        (self.releases / "allowed_signers").write_text(grants + "".join(f"{line}\n" for line in chosen), encoding="utf-8")

    def key(self, name: str) -> Path:
        """Return a person's private key."""
        return self.root / name

    def environment(self) -> Environment:
        """Return the environment."""
        return load(str(self.root / "own.toml"), variables={})

    def found(self) -> Release:
        """Return the release as its file has it."""
        return find("1.2.3", self.environment())

    def signed(self, name: str, item: str, kind: Kind = Kind.SIGN_OFF, *, key: str = "", **other: object) -> Path:
        """Write and sign a statement of a person as it was meant, however wrong; `other` are its fields that are not as they should be."""
        now = datetime.now(UTC).replace(microsecond=0)
        statement = Statement(
            kind, item, items()[item].text_sha256, "1.2.3", COMMIT, "own", f"{name}@example.test", now - timedelta(hours=1),
            now + timedelta(days=1), "looked at by hand",
        )  # fmt: skip
        path = write(replace(statement, **other), folder(self.environment(), self.found(), kind))  # type: ignore[arg-type]
        sign(path, self.key(key or name))
        return path

    def _pair(self, name: str) -> str:
        key = Ed25519PrivateKey.generate()
        form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        self.key(name).write_bytes(key.private_bytes(*form))
        self.key(name).chmod(0o600)
        public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
        self.key(name).with_name(f"{name}.pub").write_text(f"{public}\n")
        return public
