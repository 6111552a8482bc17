"""What gives a secret away in text: names that carry one, and shapes that are one. Each pattern scans a run of characters once."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

MARKER = re.compile(r"\[redacted: [a-z -]{1,24}\]")
HEADERS = re.compile(r"authorization|proxy_authorization|cookie|set_cookie|x_api_key|x_[a-z0-9_]*token|(x_)?[a-z0-9_]*signature(_\d+)?")

_KINDS = (  # the end of a name decides: `token_variable`, `token_type` and `max_tokens` carry no secret
    (re.compile(r"(password|passwd|passphrase|pwd)(_hash|_confirmation)?s?"), "password"),
    (re.compile(r"authorization"), "token"),
    (re.compile(r"(set_)?cookies?|session_?id|phpsessid"), "cookie"),
    (re.compile(r"(api|app|access|secret|private|signing|encryption)_?keys?"), "key"),
    (re.compile(r"secrets?|credentials?"), "secret"),
    (re.compile(r"token|(access|api|auth|bearer|refresh)_?tokens"), "token"),
    (re.compile(r"signature(_\d+)?"), "signature"),
    (re.compile(r"phone|phone_?number|telephone|telefon|mobile_?number|(from|to)_number"), "phone"),
)
_IN_QUERIES = {"key": "key", "sig": "signature", "auth": "token", "apikey": "key"}
_HINT = re.compile("pass|pwd|auth|cookie|sess|key|secret|credential|token|sig|phone|telefon|number", re.IGNORECASE)
_SCHEME = re.compile(r"(bearer|basic|digest|token|negotiate)[ \t]+", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=10_000)
def kind_of(name: str, *, in_query: bool = False) -> str | None:
    """Return what a field, header or parameter of this name carries, or None when that may be shown."""
    if not _HINT.search(name):
        return None
    plain = normal(name)
    if in_query and plain in _IN_QUERIES:
        return _IN_QUERIES[plain]
    return next((kind for pattern, kind in _KINDS if _ends_in(plain, pattern)), None)


def normal(name: str) -> str:
    """Return `name` in lower case with underscores, so that `X-Api-Key`, `xApiKey` and `x_api_key` are one."""
    return re.sub(r"[^a-z0-9]+", "_", _CAMEL.sub("_", name[-80:]).lower()).strip("_")


def _ends_in(name: str, pattern: re.Pattern[str]) -> bool:
    parts = name.split("_")
    return any(pattern.fullmatch("_".join(parts[start:])) for start in range(max(0, len(parts) - 3), len(parts)))


def hidden(value: str, kind: str) -> str:
    """Return the marker that stands for `value`; of an authorization its scheme stays."""
    scheme = _SCHEME.match(value) if kind == "token" else None
    return f"{scheme.group()}[redacted: {kind}]" if scheme else f"[redacted: {kind}]"


_QUOTE = r"\\{0,7}[\"']|%22"
_NAMED = re.compile(
    rf"(?P<open>{_QUOTE})?(?:(?<=%[0-9A-Fa-f]{{2}})|(?<![\w-]))(?P<name>[A-Za-z_][\w-]*+)(?P<close>{_QUOTE}|\]{{1,2}}|%5[Dd])?"
    rf"(?P<sign>[ \t]{{0,4}}(?:=>|[:=])\s{{0,4}}|%3[AaDd])(?P<quote>{_QUOTE})?"
)
_OPTION = re.compile(r"(?<![\w-])--(?P<name>[A-Za-z][\w-]*+)(?P<sign>[ \t]+)(?![-\s])(?P<quote>[\"'])?")
_WORD = re.compile(r"(?:\[redacted: [a-z -]{1,24}\]|[^\s&;,\"'<>)\]}\\|])+")
_REST_OF_LINE = re.compile(r"(?:[^\r\n\\]|\\(?![rn]))+")
_BRACKETS = re.compile(r"\[(?!redacted: )[^\]]*+\]?|\{[^}]*+\}?")
_HARMLESS = re.compile(rf"(?:{_SCHEME.pattern})?{MARKER.pattern}|null|true|false|none", re.IGNORECASE)


def redact_named(text: str) -> str:
    """Hide the values in `name=value`, `"name": "value"` (at any depth of escaping), `Header: value` and `--name value`."""
    return _replace(_replace(text, _NAMED), _OPTION)


def _replace(text: str, pattern: re.Pattern[str]) -> str:
    parts: list[str] = []
    kept = at = 0
    while match := pattern.search(text, at):
        at = start = match.end()
        kind = _kind_here(text, match)
        if kind is None or (end := _value_end(text, match, kind)) <= start or _HARMLESS.fullmatch(text, start, end):
            continue
        parts += [text[kept:start], hidden(text[start : min(end, start + 20)], kind)]
        kept = at = end
    return "".join([*parts, text[kept:]]) if parts else text


def _kind_here(text: str, match: re.Match[str]) -> str | None:
    name, before = match["name"], text[max(0, match.start("name") - 1) : match.start("name")]
    kind = kind_of(name, in_query=before in {"?", "&"})
    if kind is None and before == "\\" and name[0] in "nrt":  # a line break or tab in JSON text
        kind = kind_of(name[1:])
    return None if kind == "phone" else kind


def _value_end(text: str, match: re.Match[str], kind: str) -> int:
    """Return where the value ends that begins after `match`; its beginning when it is no secret."""
    group, start = match.groupdict(), match.end()
    bare = ":" in group["sign"] and not group.get("close")
    if group["quote"]:
        return _closing(text, start, group["quote"])
    if found := _BRACKETS.match(text, start):
        return found.end()
    if bare and HEADERS.fullmatch(normal(group["name"])):
        return _closing(text, start, group["open"]) if group["open"] else _end(_REST_OF_LINE, text, start)
    end = _end(_WORD, text, start)
    return start if bare and kind != "password" and not _secret_like(text[start:end]) else end


def _closing(text: str, start: int, quote: str) -> int:
    """Return where the value ends that `quote` opened; the end of the text when it was cut before that."""
    at = start
    while (found := text.find(quote, at)) != -1:
        if found == start or text[found - 1] != "\\":
            return found
        at = found + len(quote)
    return len(text)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _secret_like(value: str) -> bool:
    return len(value) >= 8 and (any(letter.isdigit() for letter in value) or len(value) >= 20)


@dataclass(frozen=True)
class Shape:
    """A form by which a secret shows itself. `keep` may say that a match is something else after all."""

    kind: str
    pattern: re.Pattern[str]
    keep: Callable[[re.Match[str]], bool] = lambda _: False

    def redact(self, text: str) -> str:
        """Hide what has this shape; the group `keep`, where there is one, stays in front of the marker."""
        return self.pattern.sub(self._marker, text)

    def _marker(self, match: re.Match[str]) -> str:
        if self.keep(match):
            return match.group()
        return f"{match.groupdict().get('keep') or ''}[redacted: {self.kind}]"


def _only_a_word(match: re.Match[str]) -> bool:
    """Prose such as "Basic authentication" or "bearer token"."""
    value = match["value"]
    if len(value) > 20 or not value.rstrip(".=").isalpha() or not (value.islower() or value[1:].islower()):
        return False
    try:
        return b":" not in base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return True


def _is_no_number(match: re.Match[str]) -> bool:
    """A date, a file mode before a size (`0644 1048576`), or fewer digits than a number with its area code has."""
    text = match.group()
    digits = sum(letter.isdigit() for letter in text)
    return not 9 <= digits <= 15 or text[:5] in _MODES or bool(re.search(r"\d{4}-\d\d-\d\d", text))


_MODES = {f"0{mode} " for mode in (400, 440, 444, 600, 640, 644, 660, 664, 700, 750, 755, 770, 775, 777)}
_ESCAPED = r"(?<=\\[nrt])"  # a line break in JSON text ends in a letter
_START = rf"(?:(?<![A-Za-z0-9_])|{_ESCAPED})"


def shapes() -> Iterator[Shape]:
    """Yield the shapes, in the order in which they are looked for."""
    private = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    yield Shape("private key", re.compile(rf"-----BEGIN {private}(?:.*?-----END {private}|.*)", re.DOTALL))
    scheme = rf"(?P<keep>{_START}(?:bearer|basic)(?:[ \t]{{1,4}}|%20|\+))"
    yield Shape("token", re.compile(rf"{scheme}(?P<value>[\w.~+/=-]{{6,}}+)", re.IGNORECASE), keep=_only_a_word)
    yield Shape("token", re.compile(rf"(?:(?<![\w-])|{_ESCAPED})eyJ[\w-]{{5,}}+\.[\w-]{{2,}}+(?:\.[\w-]*+)?"))
    yield Shape("password", re.compile(r"(?P<keep>://[^\s/:@?#\"'<>\[]{0,256}:)(?!\[redacted)[^\s/\"'<>]{1,256}(?=@)"))
    prefixes = "[sr]k_(?:live|test)_|whsec_|gh[opusr]_|github_pat_|glpat-|glsa_|xox[a-z]-|xapp-|cal_live_"
    yield Shape("key", re.compile(rf"(?:{prefixes})[\w-]{{6,}}+"))
    yield Shape("key", re.compile(r"(?:AKIA|ASIA)[0-9A-Z]{12,}+|AIza[\w-]{30,}+|base64:[A-Za-z0-9+/]{40,}+=*"))
    yield Shape("key", re.compile(rf"{_START}(?:key|cal|rk)_(?=[A-Za-z]*\d)[A-Za-z0-9]{{8,}}+(?![A-Za-z0-9]*_)"))
    yield Shape("token", re.compile(r"(?P<keep>hooks\.slack\.com/services/)[\w/]{6,}+"))
    before, after = rf"(?:(?<![\w+/.:#-])|{_ESCAPED})", r"(?!\w|[.:-]\d)"
    area = r"(?:1[567]\d{1,2}|[2-9]\d{1,4})"
    national = rf"(?:0{area}[ /-]{{1,3}}|\(0{area}\) ?)\d{{2,8}}(?:[ -]\d{{2,6}}){{0,4}}|0(?:1[567]|[2-9]\d)\d{{6,9}}"
    plus = rf"(?:(?<![\w+/.-])|{_ESCAPED})(?:\+|%2[Bb])[1-9]"
    yield Shape("phone", re.compile(rf"(?:{plus}|{before}00(?=4[139])\d)(?:[ /().-]{{0,3}}\d){{7,14}}{after}"), keep=_is_no_number)
    yield Shape("phone", re.compile(rf"{before}(?:{national}){after}"), keep=_is_no_number)


_ADDRESS = re.compile(
    r"(?:(?<=\\[nrt])|(?<![\w.+\\-]))(?<!://)(?P<local>(?:[\w.+-]|%2[Bb])++)(?P<at>@|%40)(?P<domain>(?:[A-Za-z0-9\u00a1-\uffff-]++\.)+[A-Za-z\u00a1-\uffff][\w-]++)"
)
_NOT_A_TOP_LEVEL_DOMAIN = frozenset(
    ["service", "socket", "timer", "target", "slice", "scope", "mount", "png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "php"]
)


def redact_addresses(text: str, allowed: frozenset[str]) -> str:
    """Hide mail addresses but those in `allowed` (whole ones, or `@domain`), all in lower case."""

    def marker(match: re.Match[str]) -> str:
        address, domain = f"{match['local']}@{match['domain']}".lower(), match["domain"].lower()
        harmless = address in allowed or f"@{domain}" in allowed or match["local"] == "git"
        if harmless or domain.rpartition(".")[2] in _NOT_A_TOP_LEVEL_DOMAIN:
            return match.group()
        return "[redacted: e-mail]"

    return _ADDRESS.sub(marker, text)
