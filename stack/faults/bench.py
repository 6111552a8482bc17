"""What a fault may do, each step noted with its way back before it is done."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stack.deployments import Installed
from stack.errors import StackError
from stack.faults import database, keep, notes, services, traces
from stack.layout import Layout
from stack.supervisor import Supervisor

PHP = "/usr/bin/php8.2"
BOOT = '$app = require "bootstrap/app.php"; $app->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap(); '


@dataclass(frozen=True)
class Bench:
    """The stack under the hands of one fault."""

    layout: Layout
    name: str

    def path(self, relative: str) -> Path:
        """Return a path below the state directory."""
        return self.layout.path(relative)

    @property
    def folder(self) -> Path:
        """Where the fault may put files that services read; gone when it is healed."""
        return notes.folder(self.layout, self.name)

    def note(self, step: str, /, **arguments: object) -> None:
        """Note a step that is about to be made."""
        notes.note(self.layout, self.name, step, **arguments)

    # Programs

    def stop(self, *programs: str) -> None:
        """Stop programs by their supervisor."""
        for program in programs:
            self.note("start", program=program)
            Supervisor(self.layout).stop(program)

    def command(self, programs: Sequence[str], old: str, new: str) -> None:
        """Start programs by another command: `old` in it, a regular expression, becomes `new`."""
        self.note("update-programs", names=list(programs))

        def changed(text: str) -> str:
            for program in programs:
                text = _replaced(rf"(?<=\n\[program:{program}\]\n)command=.*", lambda line: _replaced(old, new, line[0]), text)
            return text

        self.edit("etc/supervisord.conf", changed)
        services.update_programs(self.layout, programs)

    # Files

    def keep(self, path: Path) -> None:
        """Keep what a file is now, or that there is none, before something else changes it."""
        keep.keep(self.layout, self.name, path)

    def edit(self, relative: str, change: Callable[[str], str]) -> None:
        """Change a text file; owner and mode stay."""
        path = self.path(relative)
        self.replace(path, change(path.read_text()).encode())

    def replace(self, path: Path, content: bytes) -> None:
        """Put other content in a file's place; owner, mode and time stay."""
        self.keep(path)
        keep.put(path, content, path.stat())

    def create(self, path: Path, content: bytes, *, age_s: float = 0) -> None:
        """Make a file of the application's user that was not there, `age_s` old."""
        keep.keep(self.layout, self.name, path)
        keep.put(path, content)
        os.chown(path, self.layout.user.pw_uid, self.layout.user.pw_gid)
        path.chmod(0o644)
        at = path.stat().st_mtime - age_s
        os.utime(path, (at, at))

    def relink(self, path: Path, target: str, *, at_ns: int | None = None) -> None:
        """Point a symbolic link elsewhere; its time stays, unless another is given."""
        self.keep(path)
        keep.relink(path, target, path.lstat())
        if at_ns is not None:
            os.utime(path, ns=(at_ns, at_ns), follow_symlinks=False)

    def move_away(self, path: Path) -> None:
        """Take a file or directory away; who has it open does not notice."""
        keep.move_away(self.layout, self.name, path)

    def rights(self, path: Path, mode: int, *, roots: bool = False) -> None:
        """Give a file another mode and, as root and if told so, to root."""
        keep.protect(self.layout, self.name, path)
        if roots and self.layout.as_root:
            os.chown(path, 0, 0)
        path.chmod(mode)

    # nginx, PHP-FPM and the application

    def nginx(self, server: str, *directives: str) -> None:
        """Put directives at the top of a server's own block, and reload."""
        listen = f"listen 127.0.0.1:{self.layout.port(server)} ssl default_server;"
        self.nginx_text(re.escape(listen), "\n        ".join([listen, *directives]))

    def nginx_text(self, old: str, new: str) -> None:
        """Replace the first match of a regular expression in nginx.conf, and reload."""
        self.note("reload-nginx")
        self.edit("etc/nginx.conf", lambda text: _replaced(old, lambda _: new, text))
        services.reload_nginx(self.layout)

    def fpm(self, server: str, line: str) -> None:
        """Add a line to a server's FPM pool, and reload."""
        self.note("reload-fpm", server=server)
        self.edit(f"etc/php-fpm-{server}.conf", lambda text: f"{text}{line}\n")
        services.reload_fpm(self.layout, server)

    def configuration(self, server: str, key: str, value: str, *, reload: bool = True) -> None:
        """Change a value of the application's cached configuration, as a deployment with another .env would; `key` is dotted."""
        if reload:
            self.note("reload-fpm", server=server)
        cache = (self.path(f"{server}/current").resolve() / "bootstrap/cache/config.php").resolve()
        keys = "".join(f"[{part!r}]" for part in key.split("."))
        code = f'$c = require "{cache}"; $c{keys} = {value!r}; echo "<?php return ".var_export($c, true).";\\n";'
        self.replace(cache, services.run(self.layout, PHP, "-n", "-r", code, as_application=True).encode())
        if reload:
            services.reload_fpm(self.layout, server)

    def artisan(self, server: str, *words: str) -> str:
        """Run artisan of a server's current release, as the application's user."""
        release = self.path(f"{server}/current").resolve()
        return services.run(self.layout, PHP, "artisan", *words, "--no-interaction", "--no-ansi", as_application=True, cwd=release)

    def tell(self, server: str, php: str) -> str:
        """Run PHP in the booted application of a server, as the application's user; return what it printed."""
        return services.run(self.layout, PHP, "-r", BOOT + php, as_application=True, cwd=self.path(f"{server}/current").resolve())

    def log(self, server: str, level: str, message: str) -> None:
        """Have the application of a server write an entry into its log."""
        self.tell(server, f'Illuminate\\Support\\Facades\\Log::{level}("{message} {traces.MARK}");')

    def sql(self, statement: str) -> str:
        """Run a statement as the database's root."""
        return database.sql(self.layout, statement)

    def previous(self, server: str) -> str:
        """Return the directory of the release before the present one, relative to the server's: releases/…

        Raises:
            StackError: there is none, as after a rollback.
        """
        link = self.path(f"{server}/previous")
        if Installed.at(link) is None:
            raise StackError(f"{self.name} needs the release before the present one on {server}, but {link} points at none: deploy again")
        return str(link.readlink())


def _replaced(pattern: str, by: str | Callable[[re.Match[str]], str], text: str) -> str:
    """Return the text with the first match replaced.

    Raises:
        StackError: there is no match, so that nothing would be broken.
    """
    changed, count = re.subn(pattern, by, text, count=1)
    if not count:
        raise StackError(f"nothing matches {pattern!r} any more where the fault wants to change it; stack/faults must follow the stack")
    return changed
