"""MariaDB's data directory, and whether the server talks."""

from __future__ import annotations

import shutil
import socket
import subprocess

from stack.errors import StackError
from stack.layout import Layout
from stack.users import as_app_user


def install(layout: Layout) -> None:
    """Make STATE/mysql, unless it is there. Half of one, left by a killed `up`, is thrown away.

    Raises:
        StackError: mariadb-install-db failed; the message holds its last line.
    """
    if layout.path("mysql/mysql").is_dir():
        return
    half = layout.path("mysql.new")
    shutil.rmtree(half, ignore_errors=True)
    command = [
        "/usr/bin/mariadb-install-db", "--no-defaults", f"--datadir={half}", "--skip-test-db", "--skip-name-resolve",
        "--auth-root-authentication-method=normal", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M", "--aria-log-file-size=8M",
        f"--tmpdir={layout.path('run/tmp')}",
    ]  # fmt: skip
    half.mkdir(mode=0o700)
    shutil.chown(half, layout.user.pw_uid, layout.user.pw_gid)
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=layout.path("run"),
        timeout=120,
        **as_app_user(layout),
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()
        raise StackError(f"mariadb-install-db failed with exit code {done.returncode}: {said[-1]}")
    layout.path("mysql").rmdir()
    half.rename(layout.path("mysql"))


def greets(layout: Layout) -> bool:
    """True when the server sends its greeting on the unix socket: only then has it run its init file."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(layout.path("run/mysqld.sock")))
            return len(probe.recv(5)) == 5
        except OSError:
            return False
