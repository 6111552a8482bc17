"""Changelogs: which section is a version's, and whether it tells of it."""

from __future__ import annotations

from datetime import date

import pytest

from deploycheck.rules.changelog import changelog_shortfalls, section_of

TODAY = date(2026, 11, 23)
HEADINGS = [
    ("## [1.3.0] - 2026-11-16", date(2026, 11, 16)),
    ("## 1.3.0 (2026-11-16)", date(2026, 11, 16)),
    ("# v1.3.0", None),
    ("### [1.3.0](https://example.test/compare) – 2026-11-16", date(2026, 11, 16)),
    ("## Version 1.3.0 / 2026-11-16", date(2026, 11, 16)),
    ("## 1.3.0 - 2026-13-16", None),
]


@pytest.mark.parametrize(("heading", "dated"), HEADINGS)
def test_headings_of_a_version(heading: str, dated: date | None) -> None:
    """Keep a Changelog's form, and what tools make of it."""
    section = section_of(f"# Changelog\n\n{heading}\n\n- One\n* Two\n1. Three\n", "1.3.0")

    assert section is not None
    assert (section.dated, len(section.entries)) == (dated, 3)


OTHERS = ["## 1.3.00", "## 1.3.0-rc.1", "## 11.3.0", "## [Unreleased]", "#### 1.3.0", "1.3.0", "<!-- ## 1.3.0 -->"]


@pytest.mark.parametrize("heading", OTHERS)
def test_what_is_not_the_version_s_heading(heading: str) -> None:
    """Exactly this version: not a candidate of it, not one that begins alike, not one in a comment."""
    assert section_of(f"# Changelog\n\n{heading}\n\n- One\n", "1.3.0") is None


def test_a_section_ends_where_the_next_begins_and_holds_its_own_headings() -> None:
    """`### Added` stands inside of a section."""
    section = section_of("## 1.3.0\n\n### Added\n- One\n\n### Fixed\n- Two\n\n## 1.2.9\n- Old\n", "v1.3.0")

    assert section is not None
    assert section.entries == ("- One", "- Two")


@pytest.mark.parametrize(
    ("text", "before", "seen"),
    [
        ("## 1.3.0 (2026-11-23)\n- New\n", "", []),
        ("", "", ["FILE has no section 1.3.0"]),
        ("## 1.3.0 (2026-11-24)\n- New\n", "", ["FILE: section 1.3.0 is dated 2026-11-24"]),
        ("## 1.3.0\n- New\n", "", ["FILE: section 1.3.0 has no date"]),
        ("## 1.3.0 (2026-11-20)\nWords.\n", "", ["FILE: section 1.3.0 has no entry"]),
        ("## 1.3.0\n", "", ["FILE: section 1.3.0 has no entry", "FILE: section 1.3.0 has no date"]),
        ("## 1.3.0 (2026-11-20)\n- New\n", "## 1.3.0 (2026-11-20)\n- New\n", ["FILE: section 1.3.0 is the one that 1.2.3 already had"]),
        ("## 1.3.0 (2026-11-20)\n- New\n- More\n", "## 1.3.0 (2026-11-20)\n- New\n", []),
    ],
)
def test_what_keeps_a_changelog_from_telling(text: str, before: str, seen: list[str]) -> None:
    """Each fault by itself; today is not in the future."""
    sections = section_of(text, "1.3.0"), section_of(before, "1.3.0")
    found = changelog_shortfalls(*sections, "1.3.0", TODAY, where="FILE", previous="1.2.3")

    assert [line.partition(";")[0] for line in found] == seen
