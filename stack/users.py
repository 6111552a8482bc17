"""Running a command as the application's user, with an environment that does not depend on who asked."""

from __future__ import annotations

from typing import Any

from stack.layout import Layout


def as_app_user(layout: Layout) -> dict[str, Any]:
    """Return the arguments for `subprocess.run` that make the application's user run the command."""
    environment = {
        "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(layout.path("run/home")),
        "USER": layout.app_user,
        "LOGNAME": layout.app_user,
        "LANG": "C.UTF-8",
        "TMPDIR": str(layout.path("run/tmp")),
        "DEPLOYCHECK_STACK_STATE": str(layout.state),
    }
    if not layout.as_root:
        return {"env": environment}
    return {"env": environment, "user": layout.user.pw_uid, "group": layout.user.pw_gid, "extra_groups": []}
