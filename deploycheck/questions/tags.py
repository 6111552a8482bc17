"""Tags of test data."""

from __future__ import annotations

import secrets


def new_tag() -> str:
    """Return a new tag: one word that nobody else uses, by which test data is recognised and found again."""
    return f"deploycheck-{secrets.token_hex(6)}"
