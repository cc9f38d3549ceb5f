"""Hand on connections, and hold back what the server answers: `LISTEN:SERVER:MILLISECONDS …`.

What the client sends goes on at once; what comes back waits, in order, until its time has come.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress

_CHUNK = 1 << 18


async def _hand_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float
) -> None:
    """Write what is read, `delay` seconds after it came; end when either side has."""
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write() -> None:
        while True:
            due, content = await waiting.get()
            left = due - time.monotonic()
            if left > 0:
                await asyncio.sleep(left)
            if not content:
                break
            writer.write(content)
            await writer.drain()
        writer.close()

    task = asyncio.create_task(write())
    content = b"-"
    while content:
        with suppress(OSError):
            content = await reader.read(_CHUNK)
            waiting.put_nowait((time.monotonic() + delay, content))
            continue
        content = b""
        waiting.put_nowait((0.0, content))
    with suppress(OSError):
        await task


async def _serve(listen: int, server: int, delay: float) -> asyncio.Server:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, requests = await asyncio.open_connection("127.0.0.1", server)
        except OSError:  # refused, or in an outage too late
            writer.close()
            return
        await asyncio.gather(
            _hand_on(reader, requests, 0.0),
            _hand_on(answers, writer, delay),
            return_exceptions=True,
        )

    return await asyncio.start_server(connect, "127.0.0.1", listen)


async def _main(routes: list[str]) -> None:
    servers = []
    for route in routes:
        listen, server, milliseconds = map(int, route.split(":"))
        servers.append(await _serve(listen, server, milliseconds / 1000))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
