"""Who may write a log is computed from owner, group and mode: the suite itself never tries."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest

from deploycheck.targets.logs import LogFile
from selftests.targets.written import line, read, write


def nobody() -> tuple[str, int, int]:
    user = pwd.getpwnam("nobody")
    return user.pw_name, user.pw_uid, user.pw_gid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(
    ("owner", "group", "mode", "writable"),
    [
        ("nobody", "root", 0o640, True),
        ("nobody", "root", 0o440, False),
        ("root", "nogroup", 0o664, True),
        ("root", "root", 0o664, False),
        ("root", "root", 0o666, True),
        ("nobody", "nogroup", 0o066, False),
    ],
    ids=["owner", "owner-read-only", "group", "other-group", "all", "owner-decides"],
)
def test_whether_the_application_may_write(tmp_path: Path, owner: str, group: str, mode: int, *, writable: bool) -> None:
    path = write(tmp_path / "laravel.log", line(-1))
    os.chown(path, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
    path.chmod(mode)
    reading = read(path, user="nobody")
    assert reading.files[0].writable is writable
    assert (reading.files[0].owner, reading.files[0].group, reading.files[0].mode) == (owner, group, f"{mode:04o}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_whether_the_application_may_make_tomorrows_file(tmp_path: Path) -> None:
    name, uid, gid = nobody()
    folder = tmp_path / "logs"
    folder.mkdir()
    seen: list[LogFile | None] = []
    for mode in (0o700, 0o200, 0o500):
        os.chown(folder, uid, gid)
        folder.chmod(mode)
        seen.append(read(folder / "laravel.log", user=name).folder)
    assert [facts.writable for facts in seen if facts] == [True, False, False]


def test_an_unknown_or_unnamed_user_leaves_it_open(tmp_path: Path) -> None:
    path = write(tmp_path / "laravel.log", line(-1))
    assert read(path, user="no-such-user").files[0].writable is None
    assert read(path).files[0].writable is None
