"""A local process that can neither hang nor fill the memory: bounded in time and output, ended with all its children."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

READ_BYTES = 65_536


class OutOfTime(Exception):
    """The process was ended at its deadline. `stderr` is what it had said by then."""

    def __init__(self, stderr: bytes) -> None:
        super().__init__("out of time")
        self.stderr = stderr


class TooMuchOutput(Exception):
    """The process was ended because it printed more than allowed."""


@dataclass(frozen=True)
class Finished:
    """How a process ended by itself. exit_code is negative for a signal."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    elapsed_s: float


def run_bounded(
    arguments: Sequence[str], *, stdin: bytes = b"", timeout_s: float, max_output_bytes: int, environment: Mapping[str, str] | None = None
) -> Finished:
    """Run `arguments` in a process group of its own and return how it ended.

    Args:
        stdin: everything that the process can read.
        timeout_s: seconds until the whole group is killed.
        max_output_bytes: limit of stdout and stderr together; reading stops there.

    Raises:
        OutOfTime, TooMuchOutput: a limit was reached.
        OSError: the program cannot be started.
    """
    begun = time.monotonic()
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment,
    )
    try:
        stdout, stderr = _talk(process, stdin, begun + timeout_s, max_output_bytes)
        process.wait(max(begun + timeout_s - time.monotonic(), 0.01))
    except subprocess.TimeoutExpired:
        raise OutOfTime(b"") from None
    finally:
        _end(process)
    return Finished(process.returncode, stdout, stderr, time.monotonic() - begun)


def _talk(process: subprocess.Popen[bytes], stdin: bytes, deadline: float, limit: int) -> tuple[bytes, bytes]:
    """Feed stdin and read both outputs until they close."""
    assert process.stdin
    assert process.stdout
    assert process.stderr
    outputs = {process.stdout: bytearray(), process.stderr: bytearray()}
    pending = memoryview(stdin)
    with selectors.DefaultSelector() as selector:
        for stream in outputs:
            selector.register(stream, selectors.EVENT_READ)
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        while selector.get_map():
            remaining = deadline - time.monotonic()
            ready = selector.select(remaining) if remaining > 0 else []
            if not ready:
                raise OutOfTime(bytes(outputs[process.stderr]))
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    pending = _feed(process.stdin.fileno(), pending)
                    if not pending:
                        selector.unregister(process.stdin)
                        _close(process.stdin)
                    continue
                part = os.read(key.fd, READ_BYTES)
                if not part:
                    selector.unregister(key.fileobj)
                    continue
                buffer = outputs[process.stdout if key.fileobj is process.stdout else process.stderr]
                buffer += part
                if sum(map(len, outputs.values())) > limit:
                    raise TooMuchOutput
    return bytes(outputs[process.stdout]), bytes(outputs[process.stderr])


def _feed(descriptor: int, pending: memoryview) -> memoryview:
    """Write what the pipe takes; a process that does not read its input is its own affair."""
    try:
        return pending[os.write(descriptor, pending[:READ_BYTES]) :]
    except BlockingIOError:
        return pending
    except OSError:
        return pending[len(pending) :]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group and leave neither a zombie nor an open pipe."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        _close(stream)


def _close(stream: object) -> None:
    with contextlib.suppress(OSError):
        if stream is not None:
            stream.close()  # type: ignore[attr-defined]
