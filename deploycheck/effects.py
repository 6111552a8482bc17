"""What the running check may do to the world. The transports ask here, so that a forgotten marker is refused, not obeyed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

from deploycheck.errors import NotPermitted


class Effect(StrEnum):
    """READ leaves nothing behind; WRITE makes test data and removes it; SEND reaches people or paid services;
    LOAD is traffic in volume; DRILL changes what runs."""

    READ = "read"
    WRITE = "write"
    SEND = "send"
    LOAD = "load"
    DRILL = "drill"


_permitted: ContextVar[frozenset[Effect]] = ContextVar("permitted", default=frozenset({Effect.READ}))


@contextmanager
def permit(effects: frozenset[Effect]) -> Iterator[None]:
    """Let the code inside have `effects` besides reading. A thread started inside gets none: it may only read."""
    token = _permitted.set(effects | {Effect.READ})
    try:
        yield
    finally:
        _permitted.reset(token)


def require(effect: Effect, what: str) -> None:
    """Refuse `what` unless the running check may have `effect`.

    Raises:
        NotPermitted: the check is not marked with the effect, or the profile does not permit it.
    """
    if effect not in _permitted.get():
        raise NotPermitted(f"{what} needs the effect '{effect}'; this check is not marked with it or the profile's `permits` lacks it")
