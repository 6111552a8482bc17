"""STATE/etc, STATE/bin and STATE/lib: what the services read, made from templates/ and scripts/."""

from __future__ import annotations

import os
import re
from pathlib import Path

from stack.layout import (
    DATABASE,
    HOST,
    LOGIN_EMAIL,
    MAILBOX_USER,
    REDIS_PREFIX,
    SERVERS,
    TENANT2_LOGIN_EMAIL,
    Layout,
)
from stack.programs import VENDORS, programs
from stack.record import PORT_OFFSETS

HERE = Path(__file__).parent
PLACEHOLDER = re.compile(r"@([a-z0-9_]+)@")
# These hold a password or token: only their owner and, as root, the application's group read them.
SECRET = (
    "accounts.sql", "database.cnf", "deploy.env", "dovecot.users", "metrics.token", "redis.auth", "redis.conf", "root.cnf", "verify.cnf",
)  # fmt: skip
PLAIN = ("my.cnf", "nginx.conf", "php-fpm.ini", "prometheus.yml", "prometheus-rules.yml", "alertmanager.yml", "dovecot.conf", "sshd_config")
DIRECTORIES = ("etc", "bin", "lib", "pki", "ssh", "faults")
OWNED_DIRECTORIES = (
    "run", "run/tmp", "run/home", "run/nginx", "run/dovecot", "log", "log/nginx", "log/supervisor", "mysql", "redis", "prometheus",
    "alertmanager", "mail", "backups", "backups/pre-deploy",
)  # fmt: skip
SERVER_DIRECTORIES = (
    "", "releases", "shared", "shared/storage", "shared/storage/app", "shared/storage/logs", "shared/storage/framework",
    "shared/storage/framework/cache", "shared/storage/framework/sessions", "shared/storage/framework/views",
)  # fmt: skip


def make_directories(layout: Layout) -> None:
    """Make the state directory's tree; what services write to belongs to the application's user."""
    for relative in DIRECTORIES:
        layout.path(relative).mkdir(mode=0o755, parents=True, exist_ok=True)
    owned = [*OWNED_DIRECTORIES, *(f"{server}/{relative}" for server in SERVERS for relative in SERVER_DIRECTORIES)]
    for relative in owned:
        path = layout.path(relative)
        path.mkdir(mode=0o755, exist_ok=True)
        os.chown(path, layout.user.pw_uid, layout.user.pw_gid)
    for relative in ("mysql", "redis", "mail", "run/home"):
        layout.path(relative).chmod(0o700)


def values(layout: Layout) -> dict[str, str]:
    """Return what the templates may name."""
    return {
        "state": str(layout.state),
        "host": HOST,
        "user": layout.app_user,
        "group": layout.app_group,
        "ssh_user": layout.ssh_user,
        "database": DATABASE,
        "redis_prefix": REDIS_PREFIX,
        "mailbox_user": MAILBOX_USER,
        "login_email": LOGIN_EMAIL,
        "tenant2_login_email": TENANT2_LOGIN_EMAIL,
        "supervisor_user": "user=root" if layout.as_root else "",
        "use_pam": "yes" if _locked(layout) else "no",
        "force_command": f"ForceCommand /bin/sh {layout.state}/bin/ssh-session" if layout.as_root else "",
        **{f"port_{name}": str(layout.port(name)) for name in PORT_OFFSETS},
        **layout.record.secrets,
    }


def render(layout: Layout) -> list[str]:
    """Write every file that is not as it should be. Return their names: their programs run with the old content."""
    base = values(layout)
    base["servers"] = _nginx_servers(layout, base)
    changed = _Changes(layout)
    for name in SECRET:
        changed.write(f"etc/{name}", template(name, base), secret=True)
    for name in PLAIN:
        changed.write(f"etc/{name}", template(name, base))
    for server in SERVERS:
        here = base | {"server": server}
        changed.write(f"etc/php-fpm-{server}.conf", template("php-fpm.conf", here))
        changed.write(f"{server}/shared/.env", template("app.env", here), secret=True)
    for name in ("scheduler", "ssh-session"):
        changed.write(f"bin/{name}", template(name, base), mode=0o755)
    for script in sorted((HERE / "scripts").glob("*.sh")):
        changed.write(f"bin/{script.name}", script.read_text(), mode=0o755)
    changed.write("lib/stack/__init__.py", (HERE / "__init__.py").read_text())
    for name in ("mail_hop.py", "traffic.py"):
        changed.write(f"lib/stack/{name}", (HERE / name).read_text())
    changed.write("etc/consoles/gateway.html", template("gateway.html", base))
    for source in sorted(VENDORS.rglob("*")):
        if source.is_file() and "__pycache__" not in source.parts:
            changed.write(f"lib/stack/vendors/{source.relative_to(VENDORS)}", source.read_text())
    sections = "".join(program.section(layout) for program in programs(layout))
    changed.write("etc/supervisord.conf", template("supervisord.conf", base | {"programs": sections}), secret=True)
    return changed.names


def template(name: str, known: dict[str, str]) -> str:
    """Return a template with its @placeholders@ filled in.

    Raises:
        KeyError: it names what is not known.
    """
    return PLACEHOLDER.sub(lambda match: known[match[1]], (HERE / "templates" / name).read_text())


class _Changes:
    """Writes files and remembers which ones were not yet so."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.names: list[str] = []

    def write(self, relative: str, content: str, *, mode: int = 0o644, secret: bool = False) -> None:
        """Make STATE/`relative` hold `content`. Root keeps what it makes; the application's group may read a secret."""
        path = self._layout.path(relative)
        if not path.is_file() or path.read_text() != content:
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            half = path.with_name(path.name + ".new")
            half.unlink(missing_ok=True)
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(content)
            half.replace(path)
            self.names.append(relative)
        if secret and self._layout.as_root:
            os.chown(path, 0, self._layout.user.pw_gid)
            mode = 0o640
        path.chmod(0o600 if secret and not self._layout.as_root else mode)


def _nginx_servers(layout: Layout, base: dict[str, str]) -> str:
    """Return nginx's blocks of the application servers."""
    return "".join(template("nginx-server.conf", base | {"server": server, "port": str(layout.port(server))}) for server in SERVERS)


def _locked(layout: Layout) -> bool:
    """True when root's password is locked ("!"): without PAM sshd refuses such an account even by key.

    Source: sshd_config(5) and auth.c of OpenSSH 9.2, LOCKED_PASSWD_PREFIX.
    """
    if not layout.as_root:
        return False
    entries = (line.split(":") for line in Path("/etc/shadow").read_text().splitlines())
    return any(entry[0] == "root" and entry[1].startswith("!") for entry in entries if len(entry) > 1)
