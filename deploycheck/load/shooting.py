"""One kind of request, made ready: its bytes, and what its answer is judged by."""

from __future__ import annotations

import json
import re
from itertools import count

from deploycheck.load.connection import Connection
from deploycheck.load.plan import Shot
from deploycheck.load.route import Route
from deploycheck.rules.health import dotted

# As long as what takes its place, so that the body's length stays: a running number, another for every request.
NUMBER = b"{number}"
REPEATABLE = {"GET", "HEAD", "OPTIONS", "PUT"}


class Ready:
    """A shot of the mix on one route."""

    def __init__(self, shot: Shot, place: int, route: Route, first: int) -> None:
        self.place = place
        self.repeatable = shot.method in REPEATABLE
        self.keeps_body = bool(shot.shows or shot.fields)
        self._bytes = route.request(shot)
        self._numbers = count(first) if NUMBER in self._bytes else None
        self._statuses = frozenset(shot.statuses)
        self._expected = " or ".join(map(str, shot.statuses))
        self._type = shot.content_type.lower().encode() if shot.content_type else None
        self._pattern = re.compile(shot.shows) if shot.shows else None
        self._fields = shot.fields
        self._where = f"{shot.method} {shot.path}"

    @property
    def request(self) -> bytes:
        """The bytes of the next request."""
        return self._bytes if self._numbers is None else self._bytes.replace(NUMBER, b"%08d" % next(self._numbers))

    def judged(self, answer: Connection) -> str:
        """Return what keeps an answer from being a success, "" for nothing."""
        if answer.status not in self._statuses:
            return f"{self._where} answered {answer.status}, not {self._expected}"
        if self._type and answer.content_type.partition(b";")[0].strip().lower() != self._type:
            return f"{self._where} answered {self._shown(answer.content_type) or 'without a content type'}, not {self._type.decode()}"
        return self._judged_body(answer) if self.keeps_body else ""

    def missed(self, trouble: str) -> str:
        """Return a failure without an answer, in the words of a report."""
        return f"{self._where}: {trouble}"

    def _judged_body(self, answer: Connection) -> str:
        text = answer.body.decode("utf-8", "replace")
        if self._pattern and not self._pattern.search(text):
            return f"{self._where} answered {answer.status} with a body that does not match {self._pattern.pattern!r}"
        if not self._fields:
            return ""
        try:
            told = json.loads(text)
        except ValueError:
            return f"{self._where} answered {answer.status} with a body that is not JSON"
        for name, values in self._fields.items():
            if str(seen := dotted(told, name)) not in values:
                return f"{self._where} answered {answer.status} with {name} {self._shown(str(seen).encode())}"
        return ""

    @staticmethod
    def _shown(value: bytes) -> str:
        return value.decode("ascii", "replace")[:60]
