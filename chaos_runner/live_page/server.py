"""Serve the live page until somebody ends it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from chaos_runner.errors import UsageError
from chaos_runner.live_page.app import make_app
from chaos_runner.live_page.connections import (
    AT_ONCE,
    BoundedConnection,
    connections_allowed,
)
from chaos_runner.live_page.event_stream import part_event
from chaos_runner.live_page.hub import Hub
from chaos_runner.live_page.stop import Stopper
from chaos_runner.live_page.tailer import Tailer
from chaos_runner.live_page.tokens import Tokens

_UNTAKEN = 30_000
"""Milliseconds after which the kernel ends a connection whose other end takes nothing."""


@dataclass(frozen=True)
class PageSettings:
    """What the live page shows, and where."""

    runs_directory: Path
    inventory: Sequence[Path]
    """What the stop halts."""
    address: str
    port: int
    """0 takes any that is free."""
    names: Collection[str] = ()
    """Names of the server beside its address and localhost."""


def is_local(address: str) -> bool:
    """Tell whether an address is reached from this machine alone."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def listen(address: str, port: int) -> socket.socket:
    """Return a socket that listens; raise UsageError where it cannot."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listening = socket.create_server((address, port), family=family, backlog=AT_ONCE)
    except OSError as error:
        raise UsageError(
            f"{address} port {port}: cannot be listened on: {error.strerror}",
            "name another one: --address, --port",
        ) from error
    # Connections that come in over it have the same.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNTAKEN)
    return listening


def url_of(listening: socket.socket) -> str:
    """Return where a socket is reached."""
    address, port = listening.getsockname()[:2]
    return f"http://{f'[{address}]' if ':' in address else address}:{port}/"


def serve_page(settings: PageSettings, tokens: Tokens, ready: Callable[[str], None]) -> None:
    """Serve until a signal ends it; `ready` gets the address once it is listened on."""
    with closing(listen(settings.address, settings.port)) as listening:
        ready(url_of(listening))
        asyncio.run(_serve(settings, tokens, listening))


def server_config(app: ASGIApp, most: int) -> uvicorn.Config:
    """Return how the server works that has at most so many connections at once."""
    return uvicorn.Config(
        app,
        lifespan="off",
        access_log=False,
        log_level="error",  # anybody may send what is no request, as often as they like
        server_header=False,
        proxy_headers=False,
        ws="none",
        http=BoundedConnection,
        backlog=AT_ONCE,
        limit_concurrency=most,
        timeout_graceful_shutdown=1,
    )


async def _serve(settings: PageSettings, tokens: Tokens, listening: socket.socket) -> None:
    hub, loop = Hub(), asyncio.get_running_loop()

    def publish(key: str, part: dict[str, object] | None) -> None:
        """Show a part to everybody; called in the threads that make them."""
        message = part_event(key, part)
        with suppress(RuntimeError):  # the loop is closed: the server ends, and nobody looks
            loop.call_soon_threadsafe(lambda: hub.publish(key, message, gone=part is None))

    stopper = Stopper(settings.runs_directory, settings.inventory, publish)
    tailer = Tailer(settings.runs_directory, publish)
    directory, names = settings.runs_directory, settings.names
    app = make_app(hub, tokens, stopper, tailer.metrics, directory, names)
    with tailer:
        tailer.start()
        await uvicorn.Server(server_config(app, connections_allowed())).serve(sockets=[listening])
