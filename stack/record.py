"""stack.json: what is decided once for a stack (ports, secrets) and must survive every restart. Standard library only."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from stack.errors import StackError

# Offsets recall the well-known ports: base 18000 gives https on 18443, ssh on 18022.
PORT_OFFSETS = {
    "imap": 14,
    "ssh": 22,
    "submission": 25,
    "mail_hop": 26,
    "database": 33,
    "redis": 63,
    "http": 80,
    "web1": 81,
    "web2": 82,
    "prometheus": 90,
    "node_exporter": 91,
    "alertmanager": 93,
    "vendors": 99,
    "https": 443,
}
DEFAULT_PORT_BASE = 18000
PORT_STEP = 100
HIGHEST_PORT_BASE = 65535 - max(PORT_OFFSETS.values())
SECRETS = (
    "app_key",
    "calcom_api_key",
    "calcom_webhook_secret",
    "database_password",
    "login_password",
    "mailbox_password",
    "metrics_token",
    "redis_password",
    "retell_api_key",
    "root_password",
    "sms_api_key",
    "tenant2_login_password",
    "verify_password",
)


@dataclass(frozen=True)
class Record:
    """The decisions."""

    port_base: int
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    def port(self, service: str) -> int:
        """Return the TCP port of a service (a key of PORT_OFFSETS)."""
        return self.port_base + PORT_OFFSETS[service]

    @classmethod
    def new(cls, port_base: int) -> Record:
        """Return a record with fresh random secrets.

        Raises:
            StackError: a port of this base would not be an unprivileged TCP port.
        """
        if not 1024 <= port_base <= HIGHEST_PORT_BASE:
            raise StackError(f"--port-base {port_base} must lie between 1024 and {HIGHEST_PORT_BASE}: the stack uses up to base+443")
        drawn = {name: secrets.token_hex(16) for name in SECRETS}
        drawn["app_key"] = "base64:" + base64.b64encode(secrets.token_bytes(32)).decode()
        return cls(port_base, drawn)

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a stack.json.

        Raises:
            StackError: unreadable, not JSON, or without what a record holds.
        """
        try:
            data = json.loads(path.read_text())
            record = cls(int(data["port_base"]), {name: str(data["secrets"][name]) for name in SECRETS})
        except PermissionError:
            raise StackError(f"{path} belongs to another account; the stack must be used by the one that made it") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            raise StackError(
                f"{path} cannot be used ({problem}); `python -m stack down --purge` removes this stack for a new start"
            ) from None
        return record

    def write(self, path: Path) -> None:
        """Write the record where only its owner can read it; a reader sees the old or the new one, never half of it."""
        half = path.with_name(path.name + ".new")
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file, indent=2)
            file.write("\n")
        half.replace(path)
