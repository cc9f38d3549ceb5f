"""Connect to a host as ssh does: straight, or through a program (ProxyJump, ProxyCommand)."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import paramiko

from chaos_runner.hosts.environment import needed_of
from chaos_runner.hosts.ssh.route import SshRoute

DEAD_LINK_TIMEOUT = 15_000
"""Milliseconds after which unacknowledged data breaks the connection, as for Ansible's ssh."""
_FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}
_PATIENCE = 5
"""Seconds for the program to end by itself once its connection is closed."""
_MOST_SAID = 4096


_LARGEST_PACKET = 262_144
"""Bytes; OpenSSH sends none that is larger."""
_MOST_BEFORE_LOGIN = 1 << 20
"""Bytes; keys, algorithms and a banner are some 20 000."""


class Way:
    """The connection to a host as paramiko sees it, which bounds what the host may send.

    paramiko itself takes lines and packets of any length, from somebody whose key nobody has seen.
    """

    def __init__(self, inner: socket.socket | paramiko.Channel) -> None:
        self._inner = inner
        self._left: int | None = _MOST_BEFORE_LOGIN

    def let_in(self) -> None:
        """Have no limit on the whole any more: answers have limits of their own."""
        self._left = None

    def recv(self, size: int) -> bytes:
        """Return what came, at most `size` bytes; SSHException where the host floods."""
        if size > _LARGEST_PACKET:
            raise paramiko.SSHException(f"it sends a packet of {size} bytes")
        data = self._inner.recv(size)
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise paramiko.SSHException(
                    f"it sends more than {_MOST_BEFORE_LOGIN // 1024**2} MiB before a login"
                )
        return data

    def send(self, data: bytes) -> int:
        """Send what can be sent now, and return how much that was."""
        return self._inner.send(data)

    def settimeout(self, seconds: float | None) -> None:
        """Set for how long a call waits."""
        self._inner.settimeout(seconds)

    def getpeername(self) -> Any:
        """Return the address of the other side."""
        return self._inner.getpeername()

    @property
    def _closed(self) -> bool:
        """Tell whether it was ended on this side; paramiko looks at this name of a socket's."""
        return bool(getattr(self._inner, "_closed", False))

    def close(self) -> None:
        """End the connection; one whose outer connection has ended is over already."""
        with suppress(EOFError):
            self._inner.close()


class Proxy:
    """A program whose standard input and output are the way to a host."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it; OSError when it cannot be."""
        self.socket, theirs = socket.socketpair()
        self._errors = os.memfd_create("proxy")
        try:
            self._process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._errors,
                env=needed_of(os.environ),
                start_new_session=True,  # a Ctrl-C is not for it: the roll-back goes through it
            )
        except OSError:
            self.socket.close()
            os.close(self._errors)
            raise
        finally:
            theirs.close()

    @property
    def said(self) -> str:
        """Return how what it complained of begins."""
        data = os.pread(self._errors, _MOST_SAID, 0)
        return data.decode("utf-8", errors="replace")

    def close(self) -> None:
        """End the connection, and the program with it."""
        self.socket.close()
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
        os.close(self._errors)


def connected(route: SshRoute, timeout: float) -> socket.socket:
    """Connect by TCP, so that a link that dies later is noticed within 15 s.

    `AddressFamily`, `BindAddress` and `BindInterface` count. `timeout` in seconds is for each
    address of the host; OSError, that of the last one, where none of them answers.
    """
    family = _FAMILIES.get(route.options.get("addressfamily", ""), socket.AF_UNSPEC)
    kind = socket.SOCK_STREAM
    last: OSError = OSError("no address of it is of the family that ssh is set to")
    for found in socket.getaddrinfo(route.host_name, route.port, family, kind):
        connection = socket.socket(found[0], kind)
        try:
            connection.settimeout(timeout)
            _bind(connection, route)
            connection.connect(found[4])
        except OSError as error:
            connection.close()
            last = error
            continue
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_LINK_TIMEOUT)
        return connection
    raise last


def _bind(connection: socket.socket, route: SshRoute) -> None:
    """Leave from the interface and the address that ssh is set to leave from."""
    if device := route.options.get("bindinterface", ""):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    if address := route.options.get("bindaddress", ""):
        family, kind = connection.family, connection.type
        connection.bind(socket.getaddrinfo(address, 0, family, kind)[0][4])
