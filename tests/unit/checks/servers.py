"""A server on 127.0.0.1 that answers each connection as a test says."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket, bytes], None]


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve in a thread, and yield the port; `answer` gets each connection and its request."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)

    def serve() -> None:
        while not over.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                connection.settimeout(60)
                with connection:
                    _serve_one(connection, answer, context)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join(60)
        listener.close()


def _serve_one(connection: socket.socket, answer: Answer, context: ssl.SSLContext | None) -> None:
    if context is None:
        answer(connection, connection.recv(65536))
        return
    with context.wrap_socket(connection, server_side=True) as encrypted:
        answer(encrypted, encrypted.recv(65536))


def saying(status: str, body: bytes = b"", *headers: str) -> Answer:
    """Return an answer of HTTP/1.1 with a status line, headers and a body."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return lambda connection, _: connection.sendall("\r\n".join(head).encode() + body)
