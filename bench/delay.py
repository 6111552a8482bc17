"""A link with a long way: TCP proxies on loopback that hold every packet of bytes back, and every new connection too.

netem is not in every kernel, and a network namespace needs root; this needs neither. A connection costs one round trip
before its first byte, as TCP's handshake does, and each chunk is half a round trip late, in both directions.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence


@contextlib.contextmanager
def delayed(ports: Sequence[int], round_trip_s: float) -> Iterator[dict[int, int]]:
    """Yield, for each port of 127.0.0.1, the port of a proxy to it that is `round_trip_s` away."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="delay", daemon=True)
    thread.start()
    try:
        mapped = asyncio.run_coroutine_threadsafe(_listen(ports, round_trip_s), loop).result()
        yield mapped
    finally:
        asyncio.run_coroutine_threadsafe(_end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end() -> None:
    """End the connections that are still open."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _listen(ports: Sequence[int], round_trip_s: float) -> dict[int, int]:
    mapped = {}
    for port in ports:

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int = port) -> None:
            await asyncio.sleep(round_trip_s)
            with contextlib.suppress(OSError, asyncio.CancelledError):
                there = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_late(reader, there[1], round_trip_s / 2), _late(there[0], writer, round_trip_s / 2))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        mapped[port] = server.sockets[0].getsockname()[1]
    return mapped


async def _late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    """Hand on what is read, `delay_s` later, in its order and without slowing the reading down."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        while chunk := await reader.read(65_536):
            loop.call_later(delay_s, writer.write, chunk)
    loop.call_later(delay_s, writer.close)
