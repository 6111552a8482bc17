"""What a release changes: whether it is documented, whether a hotfix is small, whether it can be taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

_NAMED = 6
_DOWN = re.compile(r"function\s+down\s*\([^)]*\)\s*(?::\s*\??\w+\s*)?\{")
_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*|#(?!\[)[^\n]*", re.DOTALL)
_SEVERAL = re.compile(r"&&|\|\||;|\n")


@dataclass(frozen=True)
class Touched:
    """A changed file; `lines` is added and removed ones together, None where nobody counted."""

    path: str
    status: str
    lines: int | None = None


def matching(paths: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the paths that one of the patterns fits; `*` also matches slashes."""
    return [path for path in paths if any(fnmatchcase(path, pattern) for pattern in patterns)]


def documentation_shortfalls(paths: Sequence[str], code: Sequence[str], documentation: Sequence[str], changelog: str) -> list[str]:
    """Return what is said when code was changed and no documentation.

    Args:
        paths: of all changed files. code, documentation: patterns. changelog: a file that is looked at by itself, and is no documentation.
    """
    changed = matching(paths, code)
    if not changed or [path for path in matching(paths, documentation) if path != changelog and path not in changed]:
        return []
    wanted = " or ".join(documentation)
    return [f"{len(changed)} files of code were changed ({named(changed)}) and no documentation; expected a change of {wanted}"]


def minimal_shortfalls(
    files: Sequence[Touched], *, most_files: int, most_lines: int, locks: Sequence[str], migrations: Sequence[str],
    reasons: Mapping[str, str],
) -> list[str]:  # fmt: skip
    """Return what makes a hotfix more than the least that mends.

    Args:
        locks, migrations: patterns of files that pin dependencies, and of those that change the database.
        reasons: `size`, `dependencies`, `migrations` = why the release file says that it must be so.
    """
    found = []
    if "size" not in reasons:
        if len(files) > most_files:
            found.append(f"{len(files)} files are changed; expected at most {most_files}, or `reasons.size` in the release file")
        lines, uncounted = sum(one.lines or 0 for one in files), [one.path for one in files if one.lines is None]
        if lines > most_lines or (uncounted and len(files) <= most_files):
            counted = f"{lines:,} lines are changed" if not uncounted else f"nobody has counted the lines of {named(uncounted)}"
            found.append(f"{counted}; expected at most {most_lines}, or `reasons.size` in the release file")
    paths = [one.path for one in files]
    if "dependencies" not in reasons and (pinned := matching(paths, locks)):
        found.append(f"dependencies are changed ({named(pinned)}); expected none, or `reasons.dependencies` in the release file")
    if "migrations" not in reasons and (database := matching(paths, migrations)):
        found.append(f"the database is changed ({named(database)}); expected no migration, or `reasons.migrations` in the release file")
    return found


def irreversible(migration: str) -> str | None:
    """Return why a Laravel migration cannot be reversed, None when it can: `down()` must exist, do something, and not throw."""
    source = _COMMENTS.sub("", migration)
    found = _DOWN.search(source)
    if not found:
        return "has no down()"
    depth, end = 1, found.end()
    while depth and end < len(source):
        depth += {"{": 1, "}": -1}.get(source[end], 0)
        end += 1
    body = source[found.end() : end - 1].strip()
    if not body:
        return "has an empty down()"
    return "throws in down()" if re.search(r"\bthrow\b", body) else None


def rollback_shortfalls(migrations: Mapping[str, str], command: str | None) -> list[str]:
    """Return what keeps a hotfix from being taken back by one command.

    Args:
        migrations: path of each migration of the change = its text. command: as the release file names it.
    """
    found = [f"{path} {why}; expected a migration that can be reversed" for path, text in migrations.items() if (why := irreversible(text))]
    if not command or not command.strip():
        found.append("the release file names no command that rolls back; expected one, as `rollback`")
    elif _SEVERAL.search(command.strip()):
        found.append(f"the release file's `rollback` is several commands ({command.strip()[:80]!r}); expected one")
    return found


def named(paths: Sequence[str]) -> str:
    """Return some paths in words."""
    further = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(paths[:_NAMED]) + further
