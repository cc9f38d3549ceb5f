"""A host that floods, freezes or breaks off keeps nobody waiting."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.channel import (
    CommandTimeoutError,
    HostUnreachableError,
    SshChannel,
    TooMuchOutputError,
)
from tests.unit.hosts.ssh_server import SshServer
from tests.waiting import PATIENCE, wait_until


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_host_that_prints_without_end_is_given_up(server: SshServer, stream: str) -> None:
    with SshChannel(server.host()) as channel:
        with pytest.raises(TooMuchOutputError, match="more than 1048576 bytes came in answer to"):
            channel.run(["sh", "-c", f"exec yes >&{stream}"], timeout=PATIENCE)
        assert channel.run(["echo", "still here"]).stdout == "still here\n"


def test_a_command_that_does_not_end_is_given_up(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        channel.run(["true"])
        began = time.monotonic()
        with pytest.raises(CommandTimeoutError, match=r"broker: `sleep 300` did not end in time"):
            channel.run(["sleep", "300"], timeout=0.5)
        assert time.monotonic() - began < 200
        assert channel.run(["echo", "still here"]).stdout == "still here\n"


def test_a_host_that_freezes_is_given_up(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        channel.run(["true"])
        server.awake.clear()
        with pytest.raises(CommandTimeoutError):
            channel.run(["true"], timeout=1)
        server.awake.set()


def test_a_host_that_says_nothing_is_given_up(server: SshServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        host = Host("mute", "127.0.0.1", mute.getsockname()[1], "ops")
        began = time.monotonic()
        with pytest.raises(HostUnreachableError):
            SshChannel(host).connect(timeout=1)
    assert time.monotonic() - began < 100


IGNORED = b"\x02" + struct.pack(">I", 30_000) + b"x" * 30_000
"""SSH_MSG_IGNORE, which may come at any time."""


@pytest.mark.parametrize(
    ("greeting", "flood"),
    [
        (b"", b"x" * 65_536),
        (b"SSH-2.0-x\r\n" + struct.pack(">IB", 2**32 - 108, 4), b"\0" * 65_536),
        (b"SSH-2.0-x\r\n", struct.pack(">IB", len(IGNORED) + 7, 6) + IGNORED + b"\0" * 6),
    ],
    ids=["a line", "a packet", "packets"],
)
def test_a_host_that_floods_before_a_login_is_given_up_at_once(
    greeting: bytes, flood: bytes
) -> None:
    sent = 0

    def serve(listening: socket.socket) -> None:
        nonlocal sent
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(greeting)
            while True:
                sent += connection.send(flood)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = Host("flood", "127.0.0.1", listening.getsockname()[1], "ops")
        flooding = threading.Thread(target=serve, args=(listening,))
        flooding.start()
        with pytest.raises(HostUnreachableError, match=r"it sends (a packet|more than 1 MiB)"):
            SshChannel(host).connect(timeout=PATIENCE)
        flooding.join(PATIENCE)
    assert sent < 32 * 1024**2  # with what the kernel holds


def test_a_cut_session_is_made_anew(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        channel.run(["true"])
        server.drop_connections()
        wait_until(lambda: not channel.connected, "the cut is noticed")
        assert channel.run(["echo", "again"]).stdout == "again\n"


def test_a_connection_that_breaks_during_a_command_is_said_so(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        channel.run(["true"])
        threading.Timer(3, server.drop_connections).start()
        with pytest.raises(HostUnreachableError, match="the connection broke during `sleep 20`"):
            channel.run(["sleep", "20"], timeout=100)


def test_paramiko_does_not_write_on_stderr() -> None:
    """In a process of its own: under pytest, its log handlers would hide the fault."""
    program = """
import socket, threading
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.channel import HostUnreachableError, SshChannel
listener = socket.create_server(("127.0.0.1", 0))
def answer_nonsense():
    connection, _ = listener.accept()
    connection.sendall(b"HTTP/1.0 400 what\\r\\n" * 100)
    connection.close()
threading.Thread(target=answer_nonsense).start()
try:
    SshChannel(Host("odd", "127.0.0.1", listener.getsockname()[1])).connect(timeout=2)
except HostUnreachableError:
    print("unreachable")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("unreachable\n", "")
