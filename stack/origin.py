"""The git origin: one commit and tag per release of stack/app, the same hashes on every machine."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.errors import StackError

APP = Path(__file__).parent / "app"
AUTHOR = "AskProAI <team@gateway.test>"
# In the bare repository: the digest of the source that it was made of.
SOURCE = "deploycheck-source"
# Counted up when this module writes something else into the commits: an origin made before is outdated.
FORMAT = b"2"
MIGRATIONS = "database/migrations/"
# Nothing from the caller's git configuration may reach the commits, nor an enclosing repository be taken for the origin.
GIT_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "LC_ALL": "C.UTF-8",
}


@dataclass(frozen=True)
class Release:
    """One entry of stack/app/releases.json. The date is the commit's, at noon UTC."""

    version: str
    date: dt.date
    migrations: tuple[str, ...]
    changes: tuple[str, ...]
    tables: Mapping[str, Sequence[str]]


def releases(app: Path = APP) -> list[Release]:
    """Return the releases, oldest first.

    Raises:
        StackError: releases.json is not what it should be, or names a migration that is not there.
    """
    listing = app / "releases.json"
    try:
        data: dict[str, dict[str, Any]] = json.loads(listing.read_text())
        found = [
            Release(
                version, dt.date.fromisoformat(entry["date"]), tuple(entry["migrations"]), tuple(entry["changes"]), entry.get("tables", {})
            )
            for version, entry in data.items()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StackError(f"{listing} must hold {{version: {{date, migrations, changes}}}}: {error!r}") from None
    for release in found:
        for migration in release.migrations:
            if not (app / MIGRATIONS / migration).is_file():
                raise StackError(f"{listing} names the migration {migration} for {release.version}, which {app / MIGRATIONS} lacks")
    return found


def digest(app: Path = APP) -> str:
    """Return a digest of the application's source: an origin made of another source is another application."""
    total = hashlib.sha256(FORMAT)
    for relative, path in _files(app):
        total.update(f"{relative}\0".encode() + path.read_bytes() + b"\0")
    total.update((app / "releases.json").read_bytes())
    return total.hexdigest()


def make(target: Path, app: Path = APP) -> None:
    """Make the bare repository `target` with branch main and the tags v1.2.1, v1.2.2, …

    Raises:
        StackError: git refuses.
    """
    half = target.with_name(target.name + ".new")
    shutil.rmtree(half, ignore_errors=True)
    git(None, "init", "--quiet", "--bare", "--initial-branch=main", "--template=", str(half))
    git(half, "fast-import", "--quiet", "--date-format=raw", stream=b"".join(_stream(releases(app), app)))
    (half / SOURCE).write_text(digest(app))
    half.replace(target)


def outdated(target: Path, app: Path = APP) -> bool:
    """True when the application's source is no longer what `target` was made of."""
    return (target / SOURCE).read_text() != digest(app)


def commit_of(origin: Path, version: str) -> str:
    """Return the 40 hexadecimal digits of a release's commit.

    Raises:
        StackError: the origin has no such tag; the message lists those it has.
    """
    known = git(origin, "for-each-ref", "--format=%(refname:strip=2) %(objectname)", "refs/tags").decode().split()
    tags = dict(zip(known[::2], known[1::2], strict=True))
    if f"v{version}" not in tags:
        raise StackError(f"{origin} has no release {version!r}; it has {', '.join(sorted(tag.removeprefix('v') for tag in tags))}")
    return tags[f"v{version}"]


def git(repository: Path | None, *arguments: str, stream: bytes = b"") -> bytes:
    """Run git with a configuration that is the same everywhere. Return its output.

    Raises:
        StackError: git failed; the message holds what it said.
    """
    place = [] if repository is None else [f"--git-dir={repository}"]
    command = ["git", "-c", f"safe.directory={repository}", *place, *arguments]
    done = subprocess.run(command, input=stream, capture_output=True, env=GIT_ENVIRONMENT, check=False, timeout=60)
    if done.returncode:
        raise StackError(f"`{' '.join(command)}` failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _files(app: Path) -> Iterator[tuple[str, Path]]:
    """Yield the application's files in a fixed order, without what running it in place would leave there."""
    for path in sorted(app.rglob("*")):
        relative = path.relative_to(app).as_posix()
        made = relative.startswith(("storage/", "bootstrap/cache/")) and path.name != ".gitignore"
        if path.is_file() and not made and relative not in ("releases.json", ".env"):
            yield relative, path


def _stream(listed: list[Release], app: Path) -> Iterator[bytes]:
    """Yield git's fast-import stream: each release is a whole tree, so that none inherits what it should not have."""
    changelog, tables = "# Changelog\n", "# Tables\n\nWhat each release has brought.\n"
    for release in listed:
        entries = "".join(f"- {change}\n" for change in release.changes)
        section = f"\n## {release.version} ({release.date.isoformat()})\n\n{entries}"
        changelog = changelog.replace("# Changelog\n", f"# Changelog\n{section}", 1)
        columns = "".join(f"- `{table}`: {', '.join(names)}\n" for table, names in release.tables.items())
        tables += f"\n## {release.version}\n\n{columns}" if columns else ""
        when = int(dt.datetime.combine(release.date, dt.time(12), dt.UTC).timestamp())
        yield f"commit refs/heads/main\ncommitter {AUTHOR} {when} +0000\n".encode()
        yield _data(f"Release {release.version}\n\n{entries}".encode())
        yield b"deleteall\n"
        for relative, path in _files(app):
            if not relative.startswith(MIGRATIONS) or path.name in release.migrations:
                yield _file(relative, path.read_bytes(), executable=relative == "artisan")
        yield _file("VERSION", f"{release.version}\n".encode())
        yield _file("CHANGELOG.md", changelog.encode())
        yield _file("docs/tables.md", tables.encode())
        yield f"reset refs/tags/v{release.version}\nfrom refs/heads/main\n\n".encode()


def _file(path: str, content: bytes, *, executable: bool = False) -> bytes:
    """Return the fast-import lines of one file."""
    return f"M {'100755' if executable else '100644'} inline {path}\n".encode() + _data(content)


def _data(content: bytes) -> bytes:
    """Return content in fast-import's counted form."""
    return f"data {len(content)}\n".encode() + content + b"\n"
