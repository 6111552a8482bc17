"""The hash chain over a journal's lines, and the digests of the lines, by which a change is found where it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

CHAIN = "journal.chain"
ALGORITHM = "sha256(value before + line with its line end), from 32 zero bytes"
_NAMED = 5


def lines_of(path: Path) -> list[bytes]:
    """Return the file's lines with their line ends."""
    return path.read_bytes().splitlines(keepends=True) if path.exists() else []


def digests(lines: Iterable[bytes]) -> list[str]:
    """Return the SHA-256 of each line, in hex."""
    return [hashlib.sha256(line).hexdigest() for line in lines]


def head(lines: Iterable[bytes]) -> str:
    """Return the value of the chain after the last line, in hex."""
    value = bytes(32)
    for line in lines:
        value = hashlib.sha256(value + line).digest()
    return value.hex()


def differences(sealed: Sequence[str], lines: Sequence[bytes]) -> list[str]:
    """Return what happened to a journal since its lines had the digests `sealed`: which line was changed, added, removed or moved.

    Lines that are still there are numbered as they stand now, removed ones as they stood then, both from 1.
    """
    present = digests(lines)
    known, there = set(sealed), set(present)
    changed: list[int] = []
    removed: dict[int, str] = {}
    added: dict[int, str] = {}
    places: dict[int, int] = {}  # where a removed line would stand now
    for old_from, old_to, new_from, new_to in _blocks(sealed, present):
        foreign = there.isdisjoint(sealed[old_from:old_to]) and known.isdisjoint(present[new_from:new_to])
        both = min(old_to - old_from, new_to - new_from) if foreign else 0
        changed += range(new_from, new_from + both)
        removed.update({number: sealed[number] for number in range(old_from + both, old_to)})
        places.update({number: min(new_from + number - old_from, new_to) for number in range(old_from + both, old_to)})
        added.update({number: present[number] for number in range(new_from + both, new_to)})
    cut = [f"line {len(lines)} is cut off in its middle"] if changed and not lines[changed[-1]].endswith(b"\n") else []
    return [
        *_told(changed[: len(changed) - len(cut)], "changed"),
        *cut,
        *_moves(removed, added, places),
        *_removed(sorted(removed), len(sealed)),
        *_told(sorted(added), "added"),
    ]


def _blocks(sealed: Sequence[str], present: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the places that differ. Equal beginnings and ends are left out first: nearly always nearly all of it."""
    shorter = min(len(sealed), len(present))
    begin = next((at for at in range(shorter) if sealed[at] != present[at]), shorter)
    end = next((at for at in range(shorter - begin) if sealed[-1 - at] != present[-1 - at]), shorter - begin)
    old, new = sealed[begin : len(sealed) - end], present[begin : len(present) - end]
    for tag, one, two, three, four in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield one + begin, two + begin, three + begin, four + begin


def _moves(removed: dict[int, str], added: dict[int, str], places: Mapping[int, int]) -> list[str]:
    """Return the lines that are elsewhere now, and take them out of what was removed and added."""
    free: dict[str, list[int]] = {}
    for number, digest in added.items():
        free.setdefault(digest, []).append(number)
    moved = {old: free[digest].pop(0) for old, digest in removed.items() if free.get(digest)}
    came = {places[old]: new for old, new in moved.items()}
    told = []
    for old, new in moved.items():
        del removed[old], added[new]
        place = places[old]
        passed = new - place if new >= place else place - new - 1
        if came.get(new) == place or passed == 1:
            other = place if came.get(new) == place or new > place else new + 1
            told.append(f"lines {min(other, new) + 1} and {max(other, new) + 1} were swapped")
        else:
            told.append(f"line {old + 1} was moved to line {new + 1}")
    return list(dict.fromkeys(told))


def _removed(numbers: Sequence[int], total: int) -> list[str]:
    lost = 0
    while lost < len(numbers) and numbers[-1 - lost] == total - 1 - lost:
        lost += 1
    words = "the last of {1} lines is missing" if lost == 1 else "the last {0} of {1} lines are missing"
    tail = [f"it is cut off: {words.format(lost, total)}"] if lost else []
    return [*_told(numbers[: len(numbers) - lost], "removed"), *tail]


def _told(numbers: Sequence[int], what: str) -> list[str]:
    shown = [f"line {number + 1} was {what}" for number in numbers[:_NAMED]]
    return [*shown, f"{len(numbers) - _NAMED} more lines were {what}"] if len(numbers) > _NAMED else shown
