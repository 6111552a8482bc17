"""`up`: from nothing, or from whatever is left, to a gateway that answers."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from stack import active, configuration, database, deployments, gateway, origin, ports, preflight, processes, sshd, supervisor
from stack.errors import StackError
from stack.layout import SERVERS, Layout
from stack.programs import Program, programs
from stack.record import Record
from stack.waiting import wait_until

START_LIMIT_S = 30.0
Say = Callable[[str], None]


def up(layout: Layout, say: Say, port_base: int | None = None) -> int:
    """Bring the stack up; what runs already is left alone. Return the exit code: 1 when a deployment script failed.

    Raises:
        StackError: something stands in the way; the message says what and what to do.
    """
    started = time.monotonic()
    _decide(layout, port_base)
    if not layout.path("installed").exists():
        _begin_anew(layout)
    control = supervisor.Supervisor(layout)
    alive = control.alive()
    if not alive and (left := processes.end(layout)):
        say(f"ended {left} processes that were left without their supervisor")
    with ThreadPoolExecutor(3) as pool:
        background = _make(layout, pool, say)
        faults = active.names(layout)
        changed = [] if faults else configuration.render(layout)
        if alive and changed:
            say(f"changed since the last start: {', '.join(changed)}; restarting")
            supervisor.shut_down(layout)
            alive = False
        code = _start(layout, alive, bool(faults), background, say)
    if faults:
        say(f"active faults: {', '.join(faults)}; `python -m stack heal` reverts them, `up` does not")
    if not code:
        say(
            f"stack {layout.name!r} is up at https://{layout.facts()['https_address']} ({layout.state}), {time.monotonic() - started:.1f} s"
        )
    return code


def _decide(layout: Layout, port_base: int | None) -> None:
    """Decide ports and secrets for a new stack; an old one keeps its own."""
    if layout.exists:
        if port_base is not None and layout.record.port_base != port_base:
            raise StackError(f"the stack {layout.name!r} has port base {layout.record.port_base}; another needs `down --purge` first")
        return
    record = Record.new(preflight.choose_port_base(layout, port_base))
    preflight.check_new_ports(record)
    record.write(layout.record_file)


def _begin_anew(layout: Layout) -> None:
    """Throw away what an interrupted first `up` has left, its scripts that may still run included: there is no data in it yet."""
    supervisor.shut_down(layout)
    processes.end(layout)
    for path in layout.state.iterdir():
        if path.name in ("stack.json", "lock"):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _make(layout: Layout, pool: ThreadPoolExecutor, say: Say) -> list[Future[None]]:
    """Make what is missing of directories, keys and certificates; begin with origin and database in the background."""
    if not layout.path("installed").exists():
        say(f"making the stack {layout.name!r} in {layout.state}")
    elif origin.outdated(layout.path("origin.git")):
        say("stack/app has changed since this stack was made; `down --purge` and `up` take it over")
    configuration.make_directories(layout)
    background = [pool.submit(database.install, layout)]
    if not layout.path("origin.git").exists():
        background.append(pool.submit(_make_origin, layout))
    # cryptography takes a tenth of a second to import: only who makes a stack pays for it.
    if not layout.path("pki/server.pem").exists():
        from stack import pki

        pki.make(layout)
    if not layout.path("ssh/known_hosts").exists():
        from stack import sshkeys

        sshkeys.make(layout)
    if not layout.path("releases/allowed_signers").exists():
        from stack import people

        people.make(layout)
    return background


def _make_origin(layout: Layout) -> None:
    """Make the origin and give it to the application's user, whose scripts read it."""
    origin.make(layout.path("origin.git"))
    if layout.as_root:
        for directory, _, files in os.walk(layout.path("origin.git")):
            for path in (Path(directory), *(Path(directory) / name for name in files)):
                shutil.chown(path, layout.user.pw_uid, layout.user.pw_gid)


def _start(layout: Layout, alive: bool, faulty: bool, background: list[Future[None]], say: Say) -> int:
    """Start what does not run, and install the application when it is not there. Return a script's exit code."""
    everything = programs(layout)
    control = supervisor.Supervisor(layout)
    states = control.states() if alive else {}
    running = {name for name, state in states.items() if state == "RUNNING"}
    if faulty and alive:
        # What a fault has stopped or silenced stays so until it is healed.
        missing: list[Program] = []
    else:
        missing = [program for program in everything if program.name not in running or not _answers(layout, program)]
    for program in missing:
        if program.name in running:
            say(f"{program.name} runs but does not answer; restarting it")
            control.stop(program.name)
    if not missing and layout.path("installed").exists():
        say("everything runs already")
        return 0
    preflight.check_ports(layout, missing)
    sshd.ensure_directory(layout)
    if not alive:
        _forget(layout)
        supervisor.launch(layout)
    services = [program for program in missing if not program.application]
    for program in services:
        if program.name != "mariadb":
            control.start(program.name)
    for future in background:
        future.result()
    for program in services:
        if program.name == "mariadb":
            control.start(program.name)
    _await(layout, services)
    code = _install(layout, control, say) if not layout.path("installed").exists() else 0
    for program in missing:
        if program.application:
            control.start(program.name)
    if code:
        return code
    say(f"started {', '.join(program.name for program in missing)}")
    return 0 if faulty else gateway.await_healthy(layout, say)


def _forget(layout: Layout) -> None:
    """Remove the sockets and pid files of processes that are gone: some services refuse to start over them."""
    for path in [*layout.path("run").glob("*.pid"), *layout.path("run").glob("*.sock*"), *layout.path("run/dovecot").rglob("*")]:
        if not path.is_dir():
            path.unlink(missing_ok=True)


def _await(layout: Layout, services: list[Program]) -> None:
    """Wait until every service answers, side by side in one loop.

    Raises:
        StackError: one does not; the message names it and the end of its log.
    """
    waiting = {program.name: program for program in services}

    def ready() -> bool:
        for name, program in list(waiting.items()):
            if _answers(layout, program):
                del waiting[name]
        return not waiting

    wait_until(ready, START_LIMIT_S, lambda: f"no answer from {', '.join(f'{name} ({_last_words(layout, name)})' for name in waiting)}")


def _answers(layout: Layout, program: Program) -> bool:
    """True when the program's ports and its unix socket, if it has any, are served."""
    if not all(ports.answers(layout.port(port)) for port in program.ports):
        return False
    if program.name == "mariadb":
        return database.greets(layout)
    if program.name == "redis":
        return _has_loaded(layout)
    return not program.socket or ports.answers_at(layout.path(program.socket))


def _has_loaded(layout: Layout) -> bool:
    """True when Redis serves: it listens while it still reads what it kept, and the application would log that as errors."""
    greeting = f"AUTH {layout.facts()['redis_password']}\r\nPING\r\n"
    try:
        with socket.create_connection(("127.0.0.1", layout.port("redis")), timeout=1) as client:
            client.sendall(greeting.encode())
            return b"+PONG" in client.recv(256)
    except OSError:
        return False


def _last_words(layout: Layout, name: str) -> str:
    """Return the last line of a program's log, or where that is."""
    log = supervisor.Supervisor(layout).log(name)
    try:
        return f"{log}: {log.read_text(errors='replace').strip().splitlines()[-1]}"
    except (OSError, IndexError):
        return f"{log} is empty"


def _install(layout: Layout, control: supervisor.Supervisor, say: Say) -> int:
    """Install the first release, then really deploy the second. Return the first exit code that is not 0."""
    say(f"installing {deployments.FIRST} on {' and '.join(SERVERS)}")
    deployments.import_ahead()
    if code := deployments.run(layout, "provision.sh", deployments.FIRST):
        return code
    for program in programs(layout):
        if program.application and program.name != "scheduler":
            control.start(program.name)
    say(f"deploying {deployments.SECOND}")
    code = deployments.deploy(layout, deployments.SECOND)
    if not code:
        layout.path("installed").touch()
    return code
