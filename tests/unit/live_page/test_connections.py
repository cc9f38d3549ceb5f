"""Connections of people without a token: how many, and for how long."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import uvicorn

from chaos_runner.live_page import connections
from chaos_runner.live_page.connections import MOST_CONNECTIONS, connections_allowed
from chaos_runner.live_page.server import listen, server_config
from tests.unit.live_page.pages import Page
from tests.waiting import PATIENCE, wait_until

MOST = 5
ASKED = b"GET /page.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Served:
    """A page on a real socket, with room for five connections."""

    def __init__(self, port: int, page: Page) -> None:
        self.port = port
        self.page = page

    def connect(self) -> socket.socket:
        """Return a new connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def answer(self, request: bytes = ASKED) -> bytes:
        """Return the beginning of the answer to a request."""
        with self.connect() as connection:
            connection.sendall(request)
            return connection.recv(20)

    def viewer(self) -> socket.socket:
        """Return the connection of somebody who looks."""
        connection = self.connect()
        token = self.page.tokens.read
        lines = ("GET /events HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}")
        connection.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        assert b"200" in connection.recv(20)
        return connection


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    page = Page(tmp_path)
    server = uvicorn.Server(server_config(page.app, MOST))
    with listen("127.0.0.1", 0) as listening, _in_a_thread(server, listening):
        yield Served(listening.getsockname()[1], page)


@contextmanager
def _in_a_thread(server: uvicorn.Server, listening: socket.socket) -> Iterator[None]:
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait_until(lambda: server.started, "the server")
        yield
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def ended(connection: socket.socket) -> bool:
    """Tell whether the other side ends a connection within patience."""
    with suppress(ConnectionError):
        while connection.recv(65536):
            pass
    return True


def test_connections_that_ask_for_nothing_keep_nobody_out(served: Served) -> None:
    flood = [served.connect() for _ in range(4 * MOST)]
    for one in flood[::2]:
        with suppress(ConnectionError):
            one.sendall(ASKED[:20])
    assert served.answer() == b"HTTP/1.1 200 OK\r\ndat"
    for one in flood:
        one.close()


def test_a_viewer_is_not_pushed_out_by_them(served: Served) -> None:
    with served.viewer() as viewer:
        flood = [served.connect() for _ in range(4 * MOST)]
        assert ended(flood[0])
        for _ in range(3):  # it goes on to hear that there is nothing new
            assert viewer.recv(65536)
        assert len(served.page.hub) == 1
        for one in flood:
            one.close()


@pytest.mark.parametrize("begun", [b"", ASKED[:-2], ASKED + ASKED[:-2]])
def test_a_request_that_never_ends_is_ended(
    begun: bytes, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "TIME_TO_ASK", 0.2)
    with served.connect() as connection:
        connection.sendall(begun)
        assert ended(connection)


def test_who_was_answered_cannot_go_on_sending(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_TIME_TO_LEAVE", 0.2)
    head = "POST /stop HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"
    lines = (*head, f"Content-Length: {10**12}", "", "")
    with served.connect() as connection:
        connection.sendall("\r\n".join(lines).encode())
        assert b"401" in connection.recv(20)
        assert ended(connection)


def test_the_limit_of_open_files_has_room_for_journals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    for soft, hard, allowed in (
        (1024, resource.RLIM_INFINITY, MOST_CONNECTIONS),
        (1024, 524_288, MOST_CONNECTIONS),
        (1024, 1024, 1024 - connections.AT_ONCE - 200),
        (100, 100, 1),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, MOST_CONNECTIONS),
    ):
        monkeypatch.setattr(resource, "getrlimit", lambda _, at=(soft, hard): at)
        assert connections_allowed() == allowed
