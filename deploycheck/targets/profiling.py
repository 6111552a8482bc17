"""Whether performance profiling is on, by what an answer carries or a file on a server says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.health import dotted
from deploycheck.targets.http import Http
from deploycheck.targets.server import Server

# Only the one line leaves the server: such files are full of secrets.
_SCRIPT = r"""
[ -r "$1" ] || { echo "$1 cannot be read by $(id -un)" >&2; exit 77; }
awk -v name="$2" '{ line = $0; sub(/^[ \t]*(export[ \t]+)?/, "", line); at = index(line, "=") }
    at { key = substr(line, 1, at - 1); gsub(/[ \t]+$/, "", key)
         if (key == name) { value = substr(line, at + 1); found = 1 } }
    END { if (found) print value }' "$1"
"""


@dataclass(frozen=True)
class Probe:
    """What the probe found. `value` is None where the answer or the file has no such thing."""

    kind: ClassVar[str] = "facts"

    source: str
    value: str | None
    observed_at: datetime


def probe_answer(http: Http, path: str, *, header: str | None, field: str | None) -> Probe:
    """Return a header of the answer to `path`, or a field of its JSON; one of the two is given.

    Raises:
        ObservationError: no answer, an error of the server's, or where a field is asked for, no JSON.
    """
    answer = http.get(path)
    if answer.status >= 400:
        raise ObservationError(f"{answer}; expected an answer that shows whether profiling is on")
    if header:
        return Probe(f"header {header} of {answer.url}", answer.headers.get(header.lower()), answer.observed_at)
    assert field
    found = dotted(answer.json(), field)
    value = str(found).lower() if isinstance(found, bool) else None if found is None else str(found)
    return Probe(f"{field} of {answer.url}", value, answer.observed_at)


def probe_setting(server: Server, path: str, setting: str) -> Probe:
    """Return the value of a line NAME=value, the last one as most readers take it, without quotes and comment.

    Raises:
        ObservationError: the server cannot be reached, or the file not be read.
    """
    said = server.script(_SCRIPT, path, setting)
    if said.exit_code != 0:
        told = f"{server.name}: {said.stderr.strip()[-200:] or 'no message'}; expected to read {setting} there"
        raise ObservationError(told, blame=Blame.CONFIGURATION)
    lines = said.stdout.splitlines()
    return Probe(f"{setting} in {path} on {server.name}", _bare(lines[0]) if lines else None, datetime.now(UTC))


def _bare(value: str) -> str:
    value = value.strip()
    if value[:1] in ('"', "'") and value.count(value[0]) > 1:
        return value[1 : value.index(value[0], 1)]
    return value.partition(" #")[0].partition(";")[0].strip()
