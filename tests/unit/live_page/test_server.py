"""The server over real sockets: what it listens on, whom it answers, and what it prints."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.errors import UsageError
from chaos_runner.live_page import server as serving
from chaos_runner.live_page.server import PageSettings, is_local, listen, url_of
from chaos_runner.live_page.tokens import Tokens
from tests.live_server import LiveServer, live_server
from tests.waiting import PATIENCE


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with live_server(tmp_path_factory.mktemp("server")) as server:
        yield server


def answered(server: LiveServer, method: str, path: str, body: str = "", **headers: str) -> int:
    """Return the status of an answer; `Host` is that of the server unless given."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        connection.putrequest(method, path, skip_host=True)
        for name, value in {"Host": server.host, **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode())
        return connection.getresponse().status
    finally:
        connection.close()


def said(server: LiveServer, request: bytes) -> bytes:
    """Return what comes back on bytes that may be no request at all, until the server ends it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        answer = b""
        with suppress(ConnectionError):  # it may be ended before all is sent
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(65536):
                answer += data
        return answer


def test_tokens_hosts_and_origins_count_over_sockets(server: LiveServer) -> None:
    json = {"Content_Type": "application/json", "Authorization": f"Bearer {server.act}"}
    assert answered(server, "GET", "/") == 200
    assert answered(server, "GET", "/", Host="evil.example") == 421
    assert answered(server, "GET", "/events") == 401
    assert answered(server, "GET", f"/events?token={server.act}") == 401
    assert answered(server, "POST", "/stop", "{}", **{**json, "Authorization": "Bearer x"}) == 401
    reads = {**json, "Authorization": f"Bearer {server.read}"}
    assert answered(server, "POST", "/stop", "{}", **reads) == 403
    assert answered(server, "POST", "/stop", "{}", **json, Origin="http://evil.example") == 403
    assert answered(server, "POST", "/note", "{}", **json) == 400
    assert not (server.runs.parent / "state" / "chaos-runner" / "halted").exists()


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS, as a browser tries it
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 4_000_000 + b"\r\n\r\n",
        b"GET " + b"/" * 4_000_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST /stop HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_request_ends_its_connection_and_nothing_else(
    request_: bytes, server: LiveServer
) -> None:
    answer = said(server, request_)
    assert not answer or answer.split()[1].startswith(b"4")
    assert answered(server, "GET", "/") == 200


def test_an_upgrade_is_no_way_around(server: LiveServer) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    assert answered(server, "GET", "/events", **upgrade, **key) == 401


def test_it_listens_on_this_machine_alone(server: LiveServer) -> None:
    assert server.url.startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", server.port), timeout=PATIENCE)


def test_a_port_that_is_taken_is_told(server: LiveServer) -> None:
    with pytest.raises(UsageError, match="cannot be listened on"):
        listen("127.0.0.1", server.port)


def test_an_address_has_its_url() -> None:
    with listen("::1", 0) as listening:
        assert url_of(listening) == f"http://[::1]:{listening.getsockname()[1]}/"
    for address, local in (
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  # only asked about
        ("10.0.0.1", False),
        ("ops.example", False),
    ):
        assert is_local(address) is local


@pytest.mark.parametrize(("address", "warned"), [("127.0.0.1", False), ("192.0.2.7", True)])
def test_another_address_is_warned_about(
    address: str, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[PageSettings] = []

    def serve(settings: PageSettings, tokens: Tokens, ready: object) -> None:
        assert callable(ready)
        seen.append(settings)
        ready("http://x/")

    monkeypatch.setattr(serving, "serve_page", serve)  # nobody is to be listened to there
    hosts = tmp_path / "hosts"
    hosts.write_text("")
    arguments = ["serve", "--address", address, "--name", "chaos.example", "-i", str(hosts)]
    done = CliRunner().invoke(app, [*arguments, "--runs", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert ("nothing is encrypted" in done.stderr) is warned
    assert seen == [PageSettings(tmp_path, (hosts,), address, 8765, ("chaos.example",))]
    look, act = (line.split("#")[1] for line in done.stdout.splitlines()[:2])
    assert len({look, act}) == 2
