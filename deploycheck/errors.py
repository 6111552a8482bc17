"""The ways in which a check can end without having established its fact."""

from __future__ import annotations

from enum import StrEnum


class Blame(StrEnum):
    """Whom a red line calls: each value is another person's work."""

    TARGET = "target"
    THIRD_PARTY = "third party"
    VERIFIER = "verifier"
    CONFIGURATION = "configuration"
    MISSING_DATA = "missing data"


class DeploycheckError(Exception):
    """Base of the suite's own exceptions. The message is one sentence: what was seen, what is expected, where."""

    blame = Blame.VERIFIER


class ProfileError(DeploycheckError):
    """A profile, release file or command line that cannot be used; found before the first check."""

    blame = Blame.CONFIGURATION


class ObservationError(DeploycheckError):
    """The fact could not be established: unreachable, refused, late or malformed. Never "the fact is false"."""

    def __init__(self, message: str, *, blame: Blame = Blame.TARGET) -> None:
        super().__init__(message)
        self.blame = blame


class Inconclusive(DeploycheckError):
    """Looked at, but too little to say either way. The message names the sample or time that would do."""

    blame = Blame.MISSING_DATA


class Unsigned(DeploycheckError):
    """A person's statement is owed. The message says what there is of it, why that does not count, and the command that makes one."""

    blame = Blame.MISSING_DATA


class NotConfigured(DeploycheckError):
    """The profile names no source for the fact. The message is `[section] key`."""

    blame = Blame.CONFIGURATION


class NotApplicable(DeploycheckError):
    """The item's own condition is false on this environment or release. The message says which."""

    blame = Blame.CONFIGURATION


class NotProvided(DeploycheckError):
    """The profile says, with a reason, that this gateway does not offer what the item asks for."""

    blame = Blame.CONFIGURATION


class NotPermitted(DeploycheckError):
    """The check has an effect that this environment's profile does not permit."""

    blame = Blame.CONFIGURATION


class NotYetVerified(DeploycheckError):
    """A line of the runbook that this suite has no check for."""

    blame = Blame.VERIFIER
