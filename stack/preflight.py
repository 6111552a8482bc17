"""What must hold before anything is made or started: each shortfall is one sentence."""

from __future__ import annotations

import os
import re
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path

from stack import packages
from stack.errors import StackError
from stack.layout import DEFAULT_NAME, Layout
from stack.ports import holder, is_taken
from stack.programs import Program
from stack.record import DEFAULT_PORT_BASE, HIGHEST_PORT_BASE, PORT_OFFSETS, PORT_STEP, Record

REQUIRED_BYTES = 600 * 1024**2
# For a stack that is there already: logs, a backup and a release.
REQUIRED_AGAIN_BYTES = 100 * 1024**2
# sun_path holds 108 bytes with the closing zero; the longest socket that the stack makes stands behind the state directory.
LONGEST_SOCKET = "/run/dovecot/replication-notify-fifo"
LONGEST_STATE = 107 - len(LONGEST_SOCKET)
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+")


def check(layout: Layout) -> None:
    """Return quietly when the stack can be made or started here.

    Raises:
        StackError: a package is missing, the state directory would not do, or its disk is too full.
    """
    packages.require_all()
    _check_path(layout)
    _check_disk(layout)


def _check_path(layout: Layout) -> None:
    """Refuse a path that unix sockets or the services' configuration files cannot hold, or that the application could not enter."""
    path = str(layout.state)
    if len(path.encode()) > LONGEST_STATE:
        raise StackError(
            f"the state directory {path} has {len(path.encode())} bytes; unix sockets leave room for {LONGEST_STATE}"
            " (set STACK_STATE to a shorter parent)"
        )
    if not PLAIN_PATH.fullmatch(path):
        raise StackError(f"the state directory {path!r} must consist of letters, digits and _ . / + - (set STACK_STATE to another parent)")
    if layout.as_root:
        for directory in layout.state.parents:
            if directory.is_dir() and not directory.stat().st_mode & 0o001:
                raise StackError(
                    f"{directory} does not let the account {layout.app_user} pass to the stack at {path}; chmod o+x it or set STACK_STATE"
                )


def _check_disk(layout: Layout) -> None:
    """Refuse to fill a disk up."""
    required = REQUIRED_AGAIN_BYTES if layout.exists else REQUIRED_BYTES
    place = next(directory for directory in (layout.state, *layout.state.parents) if directory.is_dir())
    free = shutil.disk_usage(place).free
    if free < required:
        raise StackError(f"{place} has {free // 1024**2} MB free; the stack at {layout.state} needs {required // 1024**2} MB")
    if not os.access(place, os.W_OK):
        raise StackError(f"{place} is not writable for this account; the stack wants to lie at {layout.state} (set STACK_STATE)")


def check_ports(layout: Layout, starting: Iterable[Program]) -> None:
    """Refuse to start programs whose ports are taken.

    Raises:
        StackError: naming each such port, what wants it, and who has it.
    """
    wanted = [(service, layout.port(service)) for program in starting for service in program.ports]
    _refuse_taken(wanted, "`python -m stack down --purge` and `up --port-base N`")


def check_new_ports(record: Record) -> None:
    """Refuse to make a stack where one of its ports is taken, before anything is written.

    Raises:
        StackError: as `check_ports`.
    """
    _refuse_taken([(service, record.port(service)) for service in PORT_OFFSETS], "`python -m stack up --port-base N`")


def _refuse_taken(wanted: Iterable[tuple[str, int]], remedy: str) -> None:
    """Name every taken port with its service and holder."""
    taken = [f"port {port} (for {service}) is held by {holder(port)}" for service, port in wanted if is_taken(port)]
    if taken:
        raise StackError(f"{'; '.join(taken)}; end that, or choose other ports with {remedy}")


def choose_port_base(layout: Layout, wanted: int | None) -> int:
    """Return the port base of a new stack: the wanted one, 18000 for the default stack, else the first block that is free.

    Raises:
        StackError: no block is free.
    """
    if wanted is not None:
        return wanted
    if layout.name == DEFAULT_NAME:
        return DEFAULT_PORT_BASE
    given = {DEFAULT_PORT_BASE, *_given(layout.state.parent)}
    blocks = list(range(DEFAULT_PORT_BASE + PORT_STEP, HIGHEST_PORT_BASE, PORT_STEP))
    # Stacks of another state directory are not seen: each directory begins elsewhere, so that two made at once do not meet.
    # The first ones, because from 32768 on the kernel gives ports to whoever connects.
    first = zlib.crc32(bytes(layout.state.parent)) % 128 if "STACK_STATE" in os.environ else 0
    for base in blocks[first:] + blocks[:first]:
        if base not in given and not any(is_taken(base + offset) for offset in PORT_OFFSETS.values()):
            return base
    raise StackError("no block of free ports was found between 18100 and 65000; choose one with --port-base")


def _given(stacks: Path) -> Iterable[int]:
    """Yield the port bases that other stacks remember, whether they run or not."""
    for path in stacks.glob("*/stack.json"):
        try:
            yield Record.read(path).port_base
        except StackError:
            continue
