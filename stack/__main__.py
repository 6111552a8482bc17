"""`python -m stack`: the local target's command line."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from stack import packages
from stack.errors import StackError
from stack.layout import Layout

USAGE_ERROR = 2
BROKEN_PIPE = 141


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Return its exit code: 0 done, 1 a deployment script failed, 2 an obstacle or wrong usage, 3 not (fully) up."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except StackError as error:
        print(f"stack: {error}", file=sys.stderr)
    except PermissionError as error:
        print(f"stack: {error.filename} may not be used by this account: {error.strerror}", file=sys.stderr)
    except BrokenPipeError:
        # Whoever read our output (`| head`) has seen enough; the interpreter's own flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        print("stack: interrupted", file=sys.stderr)
        return 130
    return USAGE_ERROR


def _parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    parser = argparse.ArgumentParser(prog="python -m stack", description="The local target: a real gateway on this machine's loopback.")
    parser.add_argument("--name", help='which stack; by default STACK_NAME or "default"')
    words = parser.add_subparsers(dest="word", required=True, metavar="COMMAND")
    up = words.add_parser("up", help="make and start the stack, or repair what does not run")
    up.add_argument("--port-base", type=int, metavar="N", help="ports of a new stack: N+22 ssh, N+443 https, …")
    down = words.add_parser("down", help="end the stack; its data stays")
    down.add_argument("--purge", action="store_true", help="remove its data too")
    words.add_parser("status", help="say what runs; exit code 0 all, 3 not all")
    words.add_parser("facts", help="print addresses, paths and credentials as JSON")
    deploy = words.add_parser("deploy", help="deploy a release on both servers")
    deploy.add_argument("version", metavar="VERSION")
    rollback = words.add_parser("rollback", help="put both servers back on the previous release")
    rollback.add_argument("--database", action="store_true", help="roll its migrations back first")
    fault = words.add_parser("break", help="switch a fault on")
    fault.add_argument("fault", metavar="FAULT")
    heal = words.add_parser("heal", help="revert a fault, or all")
    heal.add_argument("fault", metavar="FAULT", nargs="?")
    words.add_parser("faults", help="list the faults, and which are on")
    listing = words.add_parser("packages", help="list the Debian packages that the stack needs")
    listing.add_argument("--missing", action="store_true", help="only those that are not installed")
    return parser


def _run(options: argparse.Namespace) -> int:
    """Run the command; modules are imported by the words that need them, so that `packages` works with a bare python3."""
    if options.word == "packages":
        for package in packages.missing() if options.missing else packages.PACKAGES:
            print(package.name)
        return 0
    layout = Layout.named(options.name)
    if options.word == "facts":
        print(json.dumps(layout.facts(), indent=2))
        return 0
    if options.word == "status":
        from stack.status import status

        return status(layout, _say)
    if options.word in ("break", "heal", "faults"):
        from stack import switch

        return switch.run(layout, options.word, getattr(options, "fault", None), _say)
    if options.word == "up":
        from stack import preflight

        preflight.check(layout)
        layout.state.mkdir(mode=0o755, parents=True, exist_ok=True)
    with _alone(layout):
        return _change(layout, options)


def _change(layout: Layout, options: argparse.Namespace) -> int:
    """Run a command that changes the stack."""
    from stack import deployments
    from stack.down import down
    from stack.up import up

    if options.word == "up":
        return up(layout, _say, options.port_base)
    if options.word == "down":
        down(layout, _say, purge=options.purge)
        return 0
    _ = layout.record
    if options.word == "deploy":
        return deployments.deploy(layout, options.version)
    return deployments.rollback(layout, database=options.database)


def _say(line: str) -> None:
    """Print at once: somebody watches."""
    print(line, flush=True)


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    """Hold the stack's lock: two commands that change one stack run one after the other."""
    if not layout.state.is_dir():
        yield
        return
    with (layout.state / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another command on this stack")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
