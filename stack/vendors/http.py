"""What a stand-in sees of a request, and what it answers."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One request, its path without the vendor's prefix."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    pairs: tuple[tuple[str, str], ...] = ()

    def every(self, name: str) -> list[str]:
        """Return every value of a parameter that may be given more than once, as `service_ids[]` is."""
        return [value for given, value in self.pairs if given == name]

    def json(self) -> Json:
        """Return the body as an object; an empty one when it is not JSON, so that the required fields are then missed."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def form(self) -> dict[str, str]:
        """Return the fields of a form-encoded body."""
        return {name: values[0] for name, values in parse_qs(self.body.decode(errors="replace")).items()}

    def bears(self, token: str) -> bool:
        """Whether the request carries this bearer token; no request carries an empty one."""
        given = self.headers.get("authorization", "")
        return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())

    def basic(self) -> tuple[str, str]:
        """Return user and password of HTTP Basic authentication, both empty when there is none."""
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return user, password


@dataclass(frozen=True)
class Response:
    """An answer: JSON, unless `text` or `raw` bytes are given. `cut` breaks the connection off in the middle of it."""

    status: int
    data: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    raw: bytes | None = None
