"""Code of the running release changed as a bad release would have it, in what serves the web and in what the workers run."""

from __future__ import annotations

from collections.abc import Sequence

from stack.errors import StackError
from stack.faults.bench import Bench
from stack.faults.services import reload_fpm, restart
from stack.layout import SERVERS

WORKERS = {"web1": ("worker-web1-a", "worker-web1-b"), "web2": ("worker-web2-a",)}


def change(bench: Bench, file: str, old: str, new: str, servers: Sequence[str] = SERVERS) -> None:
    """Replace `old`, which stands in `file` once, in the release that serves these servers."""
    for server in servers:
        bench.note("reload-fpm", server=server)
        _edit(bench, server, file, old, new)
        reload_fpm(bench.layout, server)


def change_workers(bench: Bench, file: str, old: str, new: str) -> None:
    """Replace `old`, which stands in `file` once, in what all workers run."""
    for server, programs in WORKERS.items():
        for program in programs:
            bench.note("restart", program=program)
        _edit(bench, server, file, old, new)
        for program in programs:
            restart(bench.layout, program)


def _edit(bench: Bench, server: str, file: str, old: str, new: str) -> None:
    path = (bench.path(f"{server}/current").resolve() / file).relative_to(bench.layout.state)

    def changed(text: str) -> str:
        if text.count(old) != 1:
            raise StackError(f"{path} holds {old!r} {text.count(old)} times; the fault wants to change it where it stands once")
        return text.replace(old, new)

    bench.edit(str(path), changed)
