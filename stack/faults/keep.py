"""Files put aside and back: the very bytes, owner, mode and time of change."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Any

from stack.faults.notes import folder, note, undoing
from stack.layout import Layout


def keep(layout: Layout, name: str, path: Path) -> None:
    """Note what `path` is now: a file with its content, a link with its target, or nothing."""
    note(layout, name, "file", path=str(path), was=_state(path), kept=_copy(layout, name, path))


def move_away(layout: Layout, name: str, path: Path) -> None:
    """Take a file or directory away as it is: processes that have it open go on using it, as after `rm`."""
    aside = folder(layout, name) / "kept" / f"moved{len(list((folder(layout, name) / 'kept').iterdir()))}"
    note(layout, name, "moved", path=str(path), aside=str(aside))
    path.rename(aside)


def protect(layout: Layout, name: str, path: Path) -> None:
    """Note owner and mode of `path`; its content goes its own way."""
    note(layout, name, "rights", path=str(path), was=_state(path))


def rewrite(path: Path, content: bytes) -> None:
    """Give a file other content in place: who has it open for appending goes on in this very file."""
    with path.open("r+b") as file:
        file.write(content)
        file.truncate()


def put(path: Path, content: bytes, like: os.stat_result | None = None) -> None:
    """Put a file in one step in the place of the one there, with the owner, mode and times of `like`."""
    half = path.with_name(path.name + ".fault")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    if like:
        _dress(half, like.st_uid, like.st_gid, stat.S_IMODE(like.st_mode), like.st_mtime_ns)
    half.replace(path)


def relink(path: Path, target: str, like: os.stat_result) -> None:
    """Point a link elsewhere in one step; its owner and time stay."""
    half = path.with_name(path.name + ".fault")
    half.unlink(missing_ok=True)
    half.symlink_to(target)
    os.chown(half, like.st_uid, like.st_gid, follow_symlinks=False)
    os.utime(half, ns=(like.st_mtime_ns, like.st_mtime_ns), follow_symlinks=False)
    half.replace(path)


@undoing("file")
def _restore(layout: Layout, path: str, was: dict[str, Any] | None, kept: str | None) -> None:
    place = Path(path)
    if was is None:
        if place.is_symlink() or place.exists():
            place.unlink()
    elif "target" in was:
        if not place.is_symlink() or str(place.readlink()) != was["target"] or _state(place) != was:
            place.unlink(missing_ok=True)
            place.symlink_to(was["target"])
            os.chown(place, was["uid"], was["gid"], follow_symlinks=False)
            os.utime(place, ns=(was["mtime_ns"], was["mtime_ns"]), follow_symlinks=False)
    elif kept and (content := layout.path(kept)).exists():
        put(place, content.read_bytes())
        _dress(place, was["uid"], was["gid"], was["mode"], was["mtime_ns"])


@undoing("moved")
def _back(_layout: Layout, path: str, aside: str) -> None:
    place, away = Path(path), Path(aside)
    if not away.exists():
        return  # never taken away, or back already
    if place.is_symlink() or place.is_file():
        place.unlink()
    elif place.is_dir():
        shutil.rmtree(place)
    away.rename(place)


@undoing("rights")
def _rights(_layout: Layout, path: str, was: dict[str, Any] | None) -> None:
    if was and Path(path).exists():
        os.chown(path, was["uid"], was["gid"])
        Path(path).chmod(was["mode"])


def _state(path: Path) -> dict[str, Any] | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    state = {"uid": found.st_uid, "gid": found.st_gid, "mode": stat.S_IMODE(found.st_mode), "mtime_ns": found.st_mtime_ns}
    return {**state, "target": str(path.readlink())} if path.is_symlink() else state


def _copy(layout: Layout, name: str, path: Path) -> str | None:
    if path.is_symlink() or not path.exists():
        return None
    kept = folder(layout, name) / "kept"
    copy = kept / f"file{len(list(kept.iterdir()))}"
    shutil.copyfile(path, copy)
    return str(copy.relative_to(layout.state))


def _dress(path: Path, uid: int, gid: int, mode: int, mtime_ns: int) -> None:
    os.chown(path, uid, gid)
    path.chmod(mode)
    os.utime(path, ns=(mtime_ns, mtime_ns))
