"""Debian packages that the stack is made of, each with the file that proves it. Standard library only: runs before any venv exists."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError

# A directory in this variable stands before every proof's path, so that a self-test can show a machine without packages.
PROOF_ROOT_VARIABLE = "STACK_PROOF_ROOT"


@dataclass(frozen=True)
class Package:
    """A Debian package and the file whose presence proves that it is installed and usable (not merely unpacked configuration)."""

    name: str
    proof: str

    def installed(self, root: str = "") -> bool:
        """True when the proof is there. `root` is a directory to look under instead of /."""
        return Path(root + self.proof).exists()


PACKAGES = (
    Package("curl", "/usr/bin/curl"),
    Package("dovecot-imapd", "/usr/lib/dovecot/imap"),
    Package("dovecot-lmtpd", "/usr/lib/dovecot/lmtp"),
    Package("dovecot-submissiond", "/usr/lib/dovecot/submission"),
    Package("git", "/usr/bin/git"),
    Package("mariadb-client", "/usr/bin/mariadb-dump"),
    Package("mariadb-server-core", "/usr/sbin/mariadbd"),
    Package("nginx", "/usr/sbin/nginx"),
    Package("openssh-client", "/usr/bin/ssh-keygen"),
    Package("openssh-server", "/usr/sbin/sshd"),
    Package("php-laravel-framework", "/usr/share/php/Illuminate/autoload.php"),
    Package("php8.2-redis", "/usr/lib/php/20220829/redis.so"),
    Package("php8.2-cli", "/usr/bin/php8.2"),
    Package("php8.2-curl", "/usr/share/php8.2-curl/curl/curl.ini"),
    Package("php8.2-fpm", "/usr/sbin/php-fpm8.2"),
    Package("php8.2-mbstring", "/usr/share/php8.2-mbstring/mbstring/mbstring.ini"),
    Package("php8.2-mysql", "/usr/share/php8.2-mysql/mysql/pdo_mysql.ini"),
    Package("php8.2-xml", "/usr/share/php8.2-xml/xml/dom.ini"),
    Package("prometheus", "/usr/bin/prometheus"),
    Package("prometheus-alertmanager", "/usr/bin/prometheus-alertmanager"),
    Package("prometheus-node-exporter", "/usr/bin/prometheus-node-exporter"),
    Package("python3-aiosmtpd", "/usr/lib/python3/dist-packages/aiosmtpd/smtp.py"),
    Package("redis-server", "/usr/bin/redis-server"),
    Package("redis-tools", "/usr/bin/redis-cli"),
    Package("supervisor", "/usr/bin/supervisord"),
    Package("util-linux", "/usr/bin/setpriv"),
)


def missing(environment: Mapping[str, str] = os.environ) -> list[Package]:
    """Return the packages whose proof is not there, in the order of the list."""
    root = environment.get(PROOF_ROOT_VARIABLE, "")
    return [package for package in PACKAGES if not package.installed(root)]


def require_all(environment: Mapping[str, str] = os.environ) -> None:
    """Return quietly when every package is there.

    Raises:
        StackError: naming each missing package, its proof and the command that installs them.
    """
    absent = missing(environment)
    if absent:
        proofs = ", ".join(f"{package.name} ({package.proof})" for package in absent)
        command = f"apt-get install --no-install-recommends {' '.join(package.name for package in absent)}"
        raise StackError(f"missing Debian packages: {proofs}; install with: {command}")
