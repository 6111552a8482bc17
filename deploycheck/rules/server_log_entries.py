"""The logs of nginx and PHP-FPM read as entries: what dies before the framework has booted is only there.

Source: nginx's error_log format; php-src main/main.c (error_log) and sapi/fpm/fpm/zlog.c.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deploycheck.rules.log_entries import Header, ParsedLog, Weight, parse

_NGINX = re.compile(
    r"^(?P<at>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(?P<level>debug|info|notice|warn|error|crit|alert|emerg)\] (?P<message>\d+#\d+: .*)$"
)
_FPM = re.compile(r"^\[(?P<at>\d\d-[A-Z][a-z][a-z]-\d{4} \d\d:\d\d:\d\d)(?:\.\d+)?(?: (?P<zone>[A-Za-z][\w/+-]*))?\] (?P<message>.*)$")
_FPM_LEVEL = re.compile(r"^(?:(?P<level>DEBUG|NOTICE|WARNING|ERROR|ALERT): |PHP (?P<php>[A-Z][A-Za-z ]+?): )")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"

# A request that PHP did not answer: the reader saw an error page, whatever level nginx gave it.
_FATAL = re.compile(
    r"PHP Fatal error|PHP Parse error|PHP Core error|PHP Compile error"
    r"|failed \([^)]*\) while connecting to upstream|upstream prematurely closed|upstream timed out|no live upstreams"
    r"|while reading response header from upstream|upstream sent (?:too big|invalid|no valid|unexpected)|upstream closed"
    r"|Primary script unknown|exited on signal|internal redirection cycle"
)
# nginx ends such a line with the phase it was in, also when PHP merely wrote a notice to stderr.
_ONLY_STDERR = re.compile(r'FastCGI sent in stderr: "(?!.*(?:PHP (?:Fatal|Parse|Core|Compile) error|Primary script unknown))')
_SATURATED = re.compile(r"pm\.max_children|server reached max_children|\bseems busy\b")
# What strangers on the internet send instead of a handshake; nginx calls it crit, and it never came near the application.
_STRANGERS = re.compile(r"SSL_do_handshake\(\) failed .* while SSL handshaking, client: ")
_GRAVE_LEVELS = frozenset({"crit", "alert", "emerg", "ERROR", "ALERT"})


def parse_nginx(text: str, zone: ZoneInfo, *, since: datetime | None = None, until: datetime | None = None) -> ParsedLog:
    """Return the entries of an nginx error log, whose times are the server's local ones."""
    return parse(text, nginx_header, zone, since=since, until=until)


def parse_fpm(text: str, zone: ZoneInfo, *, since: datetime | None = None, until: datetime | None = None) -> ParsedLog:
    """Return the entries of a PHP-FPM log, or of PHP's own error_log, whose lines name their zone."""
    return parse(text, fpm_header, zone, since=since, until=until)


def nginx_header(line: str) -> Header | None:
    """Return the header that `line` is, or None."""
    found = _NGINX.match(line)
    if found is None:
        return None
    try:
        local = datetime.fromisoformat(found["at"].replace("/", "-"))
    except ValueError:
        return None
    return Header(local, "nginx", found["level"], found["message"], _weight(found["level"], found["message"]))


def fpm_header(line: str) -> Header | None:
    """Return the header that `line` is, or None. Workers' lines carry PHP's own level inside FPM's."""
    found = _FPM.match(line)
    if found is None:
        return None
    day, clock = found["at"].split(" ")
    number, month, year = day.split("-")
    try:
        local = datetime.fromisoformat(f"{year}-{_MONTHS.index(month) // 3 + 1:02}-{number} {clock}")
        if found["zone"]:
            local = local.replace(tzinfo=ZoneInfo(found["zone"]))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
    named = _FPM_LEVEL.match(found["message"])
    level = (named["level"] or named["php"]) if named else ""
    message = found["message"][named.end() :] if named and named["level"] else found["message"]
    return Header(local, "php-fpm", level, message, _weight(level, found["message"]))


def _weight(level: str, message: str) -> Weight:
    if _SATURATED.search(message):
        return Weight.SATURATION
    if level in _GRAVE_LEVELS and not _STRANGERS.search(message):
        return Weight.ERROR
    return Weight.ERROR if _FATAL.search(message) and not _ONLY_STDERR.search(message) else Weight.ORDINARY
