"""Items that are asked only in production, or only on staging."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from deploycheck.errors import NotApplicable
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable

Asking = Callable[[Gateway], list[Question]]


def production_only(asking: Asking) -> Asking:
    """Ask only where the profile says `production = true`; elsewhere the item is not applicable."""
    return _where("production", asking)


def staging_only(asking: Asking) -> Asking:
    """Ask only where the profile says `staging = true`; elsewhere the item is not applicable."""
    return _where("staging", asking)


def _where(key: str, asking: Asking) -> Asking:
    @wraps(asking)
    def asked(gateway: Gateway) -> list[Question]:
        if getattr(gateway.profile, key):
            return asking(gateway)
        name = gateway.environment.name
        return [unanswerable(f"{key} only", NotApplicable(f"{name} is not {key}: its profile does not say `{key} = true`"))]

    return asked
