"""How credentials in the application's environment file begin. Of each only one of the prefixes that are asked for leaves the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.server import Server

_SCRIPT = r"""
file=$1 names=$2 prefixes=$3
[ -r "$file" ] || { echo "$file cannot be read by $(id -un)" >&2; exit 77; }
awk -v names="$names" -v prefixes="$prefixes" '
    BEGIN { count = split(names, wanted, " "); known = split(prefixes, prefix, " ") }
    { line = $0; sub(/^[ \t]*(export[ \t]+)?/, "", line); at = index(line, "="); if (!at) next
      name = substr(line, 1, at - 1); value = substr(line, at + 1); gsub(/[ \t\047"]/, "", value); values[name] = value; there[name] = 1 }
    END { for (i = 1; i <= count; i++) { name = wanted[i]
            if (!there[name] || values[name] == "") { print name "\tabsent\t"; continue }
            best = ""
            for (j = 1; j <= known; j++)
                if (index(values[name], prefix[j]) == 1 && length(prefix[j]) > length(best)) best = prefix[j]
            print name "\tthere\t" best } }' "$file"
"""


@dataclass(frozen=True)
class Prefixes:
    """By credential, the longest of the known prefixes that it begins with: empty where none fits."""

    kind: ClassVar[str] = "facts"

    server: str
    file: str
    prefixes: Mapping[str, str]
    observed_at: datetime


def prefixes_of(server: Server, file: str, names: Sequence[str], known: Sequence[str]) -> Prefixes:
    """Return how the credentials called `names` begin.

    Raises:
        ObservationError: the server cannot be reached, the file not be read, or one of them is not in it.
    """
    answer = server.script(_SCRIPT, file, " ".join(names), " ".join(known))
    rows = [line.split("\t") for line in answer.stdout.splitlines()]
    if answer.exit_code != 0 or len(rows) != len(names) or any(len(row) != 3 for row in rows):
        told = f"{server.name}: {answer.stderr.strip()[-200:] or 'nothing was told'}"
        raise ObservationError(f"{told}; expected to read {', '.join(names)} in {file}", blame=Blame.CONFIGURATION)
    absent = [name for name, there, _ in rows if there == "absent"]
    if absent:
        told = f"{file} on {server.name} has no {' and no '.join(absent)}"
        raise ObservationError(f"{told}; expected the credentials that [test_mode] settings names", blame=Blame.CONFIGURATION)
    return Prefixes(server.name, file, {name: prefix for name, _, prefix in rows}, datetime.now(UTC))
