"""Redaction at the sink: what a run writes down passes here, so that no artefact can hold a secret or a person's address."""

from __future__ import annotations

import base64
import html
import json
import re
import string
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus

from deploycheck.evidence.plain import Json
from deploycheck.evidence.sensitive import HEADERS, MARKER, hidden, kind_of, normal, redact_addresses, redact_named, shapes

SHORTEST = 6  # a shorter value is part of too many innocent words
_SHORT = 200  # what is longer seldom comes twice
_SHAPES = tuple(shapes())
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/_-")


class Redactor:
    """Replaces secrets by `[redacted: kind]`; what it returns it would return unchanged.

    Args:
        secrets: the values configured for this run, whatever they look like.
        allowed_addresses: mail addresses that may be shown, whole or as `@domain`.
        allowed_texts: what may be shown although it looks like personal data, such as the numbers to call at night.
    """

    def __init__(self, secrets: Iterable[str], *, allowed_addresses: Iterable[str] = (), allowed_texts: Iterable[str] = ()) -> None:
        given = {value for secret in secrets for value in (secret, secret.strip()) if len(value) >= SHORTEST}
        forms = {form for secret in given for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)
        encoded = {form for secret in given for form in _base64_forms(secret)} - forms
        self._encoded = sorted(encoded, key=len, reverse=True)
        self._texts = sorted({text for text in allowed_texts if len(text) >= SHORTEST}, key=len, reverse=True)
        self._allowed = frozenset(address.lower() for address in allowed_addresses)
        # A run writes the same names, addresses and words thousands of times.
        self._remembered = lru_cache(maxsize=8192)(self._text)

    def __call__(self, value: Json) -> Json:
        """Return `value` without what must not be shown, in keys, in values, and in JSON inside of texts."""
        match value:
            case str():
                return self.text(value)
            case bool() | None:
                return value
            case int() | float():
                shown = repr(value)
                return "[redacted: secret]" if self._without_configured(shown) != shown else value
            case list():
                return self._list(value)
            case dict():
                return self._object(value)

    def text(self, text: str) -> str:
        """Return `text` without what must not be shown."""
        return self._remembered(text) if len(text) <= _SHORT else self._text(text)

    def _text(self, text: str) -> str:
        if text.lstrip()[:1] in {"{", "["} and (inner := self._json_text(text)) is not None:
            return inner
        text = self._without_configured(text)
        for number, allowed in enumerate(self._texts):  # private characters stand for them while shapes are looked for
            text = text.replace(allowed, f"\ue000{number}\ue001")
        for shape in _SHAPES:
            text = shape.redact(text)
        text = redact_addresses(redact_named(text), self._allowed)
        for number, allowed in enumerate(self._texts):
            text = text.replace(f"\ue000{number}\ue001", allowed)
        return text

    def _json_text(self, text: str) -> str | None:
        """Return JSON text redacted by its structure; None when it is not JSON, or only the beginning of it."""
        try:
            value: Json = json.loads(text)
            redacted = self(value)
            return text if redacted == value else json.dumps(redacted, ensure_ascii=False)
        except (ValueError, RecursionError):
            return None

    def _object(self, value: dict[str, Json]) -> Json:
        named = _header_pair(value.get("name"), value.get("value"))
        redacted: dict[str, Json] = {}
        for key, entry in value.items():
            # The id of a check is no field's name, whatever its question is called.
            kind = named if key == "value" and named else None if "::" in key else kind_of(key)
            shown = self.text(key)
            while shown in redacted:  # two secret keys stay two entries
                shown += "'"
            redacted[shown] = _hide(self(entry), kind) if kind else self(entry)
        return redacted

    def _list(self, value: list[Json]) -> Json:
        kind = _header_pair(*value) if len(value) == 2 else None
        if kind:
            return [value[0], _hide(value[1], kind)]
        return [self(entry) for entry in value]

    def _without_configured(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = _outside_markers(text, form)
        for form in self._encoded:
            if form in text:
                text = _without_run(text, form)
        return text


def _header_pair(name: Json, value: Json) -> str | None:
    """Return what the second of the two carries when they are a header's name and value."""
    if isinstance(name, str) and isinstance(value, str) and HEADERS.fullmatch(normal(name)):
        return kind_of(name)
    return None


def _hide(value: Json, kind: str) -> Json:
    """Return `value`, which stands under a telling name, with every text and number in it hidden."""
    match value:
        case None | bool() | "":
            return value
        case str():
            return value if MARKER.fullmatch(value) else hidden(value, kind)
        case int() | float():
            return f"[redacted: {kind}]"
        case list():
            return [_hide(entry, kind) for entry in value]
        case dict():
            return {key: _hide(entry, kind) for key, entry in value.items()}


def _outside_markers(text: str, secret: str) -> str:
    """Replace `secret`; a marker is left alone even when the secret is a word of it."""
    parts, at = [], 0
    for marker in MARKER.finditer(text):
        parts += [text[at : marker.start()].replace(secret, "[redacted: secret]"), marker.group()]
        at = marker.end()
    return "".join([*parts, text[at:].replace(secret, "[redacted: secret]")])


def _without_run(text: str, core: str) -> str:
    """Replace every run of base64 that holds `core`: its ends carry a few bits of the secret, and its neighbours."""
    parts, at = [], 0
    while (found := text.find(core, at)) != -1:
        start = found
        while start > at and text[start - 1] in _BASE64:
            start -= 1
        parts += [text[at:start], "[redacted: secret]"]
        at = found + len(core)
        while at < len(text) and (text[at] in _BASE64 or text[at] == "="):
            at += 1
    return "".join([*parts, text[at:]])


def _forms(secret: str) -> Iterator[str]:
    """Yield `secret` as it stands in text, JSON, JSON in JSON, URLs, HTML and a program's representation."""
    slashes = secret.replace("/", "\\/")  # PHP's json_encode
    for shown in (secret, quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret), repr(secret)[1:-1]):
        yield shown
        yield re.sub(r"%[0-9A-F]{2}", lambda code: code.group().lower(), shown)
    for plain in (secret, slashes):
        for ascii_only in (True, False):
            once = json.dumps(plain, ensure_ascii=ascii_only)[1:-1].replace("\\\\/", "\\/")
            yield once
            yield json.dumps(once)[1:-1]


def _base64_forms(secret: str) -> Iterator[str]:
    """Yield what every base64 of a text with `secret` in it contains, for the three ways in which its bytes can fall."""
    data = secret.encode()
    for offset, skipped in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(bytes(offset) + data).decode()
        core = encoded.rstrip("=")[skipped:]
        core = core[:-1] if (offset + len(data)) % 3 else core
        if len(core) >= SHORTEST:
            yield core
            yield core.replace("+", "-").replace("/", "_")
            yield quote(core, safe="")
