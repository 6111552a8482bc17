"""Every single request of a load, 20 bytes each: when it was due, how long it took from then on, what it was and how it ended."""

from __future__ import annotations

import json
import signal
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

RECORD = struct.Struct("<dffHH")
GOOD = 0
MOST_REASONS = 200
OTHER = "further kinds of failures"
SUFFIX = ".samples"
MASTER = "master"  # of several processes: has no samples of its own


class Sample(NamedTuple):
    """One request. `due_s` counts from the load's beginning; `took_ms` from when it was due; `lag_ms` is how much of that passed before
    it was sent; `shot` is its place in the plan's mix; `ending` GOOD, or the place of its reason."""

    due_s: float
    took_ms: float
    lag_ms: float
    shot: int
    ending: int


@dataclass(frozen=True)
class Part:
    """What one process of the load left: its samples, the reasons that they name, and what it says of itself."""

    samples: Sequence[Sample]
    reasons: Sequence[str]
    about: Mapping[str, Any]


class Reasons:
    """Gives each kind of failure a number; a target that invents new ones without end fills no memory."""

    def __init__(self) -> None:
        self.known: list[str] = ["good"]
        self._numbers = {"good": GOOD}

    def number(self, reason: str) -> int:
        """Return the number of `reason`."""
        if len(self.known) >= MOST_REASONS:
            reason = OTHER if reason not in self._numbers else reason
        if reason not in self._numbers:
            self._numbers[reason] = len(self.known)
            self.known.append(reason)
        return self._numbers[reason]


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until what is being handed on has been: it is in nobody's hands meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def keep(folder: Path, name: str, records: bytes, about: Mapping[str, Any]) -> None:
    """Append records to those of process `name`, and put what it says of itself in the place of what it said before."""
    with (folder / f"{name}{SUFFIX}").open("ab") as file:
        file.write(records)
    unfinished = folder / f"{name}.unfinished"
    unfinished.write_text(json.dumps(about), encoding="utf-8")
    unfinished.replace(folder / f"{name}.json")


def keep_all(folder: Path, name: str, counted: Sequence[tuple[float, float, float, str, str]]) -> str:
    """Write the requests of a whole load (due, took, lag, name, reason) as those of one process are, and return the file's name."""
    shots, reasons = list(dict.fromkeys(sample[3] for sample in counted)), Reasons()
    places = {shot: place for place, shot in enumerate(shots)}
    records = b"".join(
        RECORD.pack(due, took, lag, places[shot], reasons.number(reason) if reason else GOOD) for due, took, lag, shot, reason in counted
    )
    record = "little-endian: due_s float64, took_ms float32, lag_ms float32, shot uint16, reason uint16 (0: good)"
    keep(folder, name, records, {"record": record, "shots": shots, "reasons": reasons.known})
    return f"{name}{SUFFIX}"


def parts(folder: Path) -> list[Part]:
    """Return what every process has left; a record that a killed one was in the middle of is left out."""
    return [_part(path) for path in sorted(folder.glob(f"*{SUFFIX}")) if path.name != f"{MASTER}{SUFFIX}"]


def master(folder: Path) -> Mapping[str, Any]:
    """Return what the master of several processes says of them; nothing where there is none."""
    path = folder / f"{MASTER}.json"
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return told


def unpacked(records: bytes) -> Iterator[Sample]:
    """Yield the samples of whole records."""
    return map(Sample._make, RECORD.iter_unpack(records[: len(records) // RECORD.size * RECORD.size]))


def _part(path: Path) -> Part:
    try:
        about = json.loads(path.with_name(f"{path.name.removesuffix(SUFFIX)}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        about = {}
    return Part(list(unpacked(path.read_bytes())), about.get("reasons", []), about)
