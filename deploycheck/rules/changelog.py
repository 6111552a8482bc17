"""What a changelog says of one version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# "## [1.3.0] - 2026-11-16", "## 1.3.0 (2026-11-16)", "# v1.3.0", "## [1.3.0](https://…) – 2026-11-16": Keep a Changelog and its relatives.
# Read here and not by the keepachangelog package, which knows the first form only and has been quiet since 2024.
_HEADING = re.compile(r"^(?P<level>#{1,3})\s+(?:version\s+)?\[?v?(?P<version>\d[\w.+-]*)\]?(?P<rest>.*)$", re.IGNORECASE)
_ANY_HEADING = re.compile(r"^(?P<level>#{1,6})\s")
_DATE = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_ENTRY = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+\S")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Section:
    """A version's section: its date (None: it names none), its entries, and its text."""

    version: str
    dated: date | None
    entries: tuple[str, ...]
    text: str


def section_of(changelog: str, version: str) -> Section | None:
    """Return the section of exactly this version; None where there is none."""
    lines = _COMMENT.sub("", changelog).splitlines()
    for number, line in enumerate(lines):
        heading = _HEADING.match(line)
        if heading and heading["version"] == version.removeprefix("v"):
            level = len(heading["level"])
            body = []
            for further in lines[number + 1 :]:
                other = _ANY_HEADING.match(further)
                if other and len(other["level"]) <= level:
                    break
                body.append(further)
            entries = tuple(entry.strip() for entry in body if _ENTRY.match(entry))
            return Section(version, _dated(heading["rest"]), entries, "\n".join([line, *body]).strip())
    return None


def changelog_shortfalls(
    section: Section | None, before: Section | None, version: str, today: date, *, where: str, previous: str
) -> list[str]:
    """Return what keeps a changelog from telling of a release.

    Args:
        section: of this version in the release's changelog; `before`: of this version in the previous release's.
        today: the team's.
        where: the file, as messages call it. previous: the previous release's version.
    """
    if section is None:
        return [f"{where} has no section {version}; expected one with at least one entry"]
    found = []
    if not section.entries:
        found.append(f"{where}: section {version} has no entry; expected at least one")
    if section.dated is None:
        found.append(f"{where}: section {version} has no date; expected the release's, not after {today}")
    elif section.dated > today:
        found.append(f"{where}: section {version} is dated {section.dated}; expected no date after {today}")
    if before and before.entries == section.entries and section.entries:
        found.append(f"{where}: section {version} is the one that {previous} already had; expected what is new since")
    return found


def _dated(text: str) -> date | None:
    found = _DATE.search(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
