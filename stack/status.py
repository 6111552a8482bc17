"""`status`: what runs and what answers."""

from __future__ import annotations

from collections.abc import Callable

from stack import active, ports, processes
from stack.deployments import Installed
from stack.layout import SERVERS, Layout
from stack.programs import programs
from stack.supervisor import Supervisor

ALL_UP = 0
NOT_UP = 3


def status(layout: Layout, say: Callable[[str], None]) -> int:
    """Say for each program whether it runs and answers. Return 0 when all do, else 3.

    Raises:
        StackError: there is no such stack, or its stack.json is broken.
    """
    control = Supervisor(layout)
    states = control.states() if control.alive() else {}
    good = True
    for program in programs(layout):
        silent = [layout.port(port) for port in program.ports if not ports.answers(layout.port(port))]
        state = states.get(program.name, "NOT RUNNING")
        good = good and state == "RUNNING" and not silent
        listed = ", ".join(str(layout.port(port)) for port in program.ports)
        trouble = f"  no answer at {', '.join(map(str, silent))}" if silent and state == "RUNNING" else ""
        say(f"{program.name:15} {state:12} {listed}{trouble}")
    for server in SERVERS:
        installed = Installed.at(layout.path(f"{server}/current"))
        good = good and installed is not None
        say(f"{server:15} {f'{installed.version} ({installed.commit[:8]})' if installed else 'NO RELEASE'}")
    if faults := active.names(layout):
        say(f"active faults: {', '.join(faults)}")
    say(f"memory {processes.memory_bytes(layout) / 1024**2:.0f} MB (PSS) in {len(processes.of(layout))} processes, state {layout.state}")
    return ALL_UP if good else NOT_UP
