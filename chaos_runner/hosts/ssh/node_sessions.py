"""Connections to execution nodes, each shared by the sessions that go on from there."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import paramiko

from chaos_runner.closing import Closing
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.errors import HostUnreachableError, RescueError
from chaos_runner.hosts.ssh.session import SshSession, open_session


@dataclass
class _Node:
    lock: threading.Lock = field(default_factory=threading.Lock)
    session: SshSession | None = None
    failed: RescueError | None = None
    failed_at: float = 0.0


class NodeSessions(Closing):
    """One connection to each execution node, opened on first use and anew where it broke."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[str, _Node] = {}

    def transport(self, host: Host, timeout: float) -> paramiko.Transport | None:
        """Return the open connection to a host's execution node, or None where it has none.

        Many ask at the same time: while one of them tries, the others wait, and have its error.
        Raises HostUnreachableError, with the reason.
        """
        if host.through is None:
            return None
        asked = time.monotonic()
        with self._lock:
            node = self._nodes.setdefault(host.through.name, _Node())
        with node.lock:
            if node.session is None or not node.session.active:
                if node.failed and node.failed_at >= asked:
                    raise _no_way(host, node.failed) from node.failed
                if node.session is not None:
                    node.session.close()
                node.session = None
                try:
                    node.session = open_session(host.through, timeout)
                except RescueError as error:
                    node.failed, node.failed_at = error, time.monotonic()
                    raise _no_way(host, error) from error
            return node.session.transport

    def close(self) -> None:
        """End the connections, and with them all that goes through them."""
        with self._lock:
            for node in self._nodes.values():
                with node.lock:
                    if node.session is not None:
                        node.session.close()
                    node.session = None


def _no_way(host: Host, error: RescueError) -> HostUnreachableError:
    return HostUnreachableError(
        f"{host.name}: no way through its execution node: {error.message}", error.hint
    )
