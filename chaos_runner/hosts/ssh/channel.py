"""The SSH channel to a host: an SSH session that needs no Ansible and nothing on the host.

Only the modules of this channel (`ssh_session`, `ssh_keys`, `ssh_streams`, `remote_shell`) import
paramiko. Host keys are always checked: a key that is not known is rejected, whatever the
inventory's options say.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import paramiko

from chaos_runner.closing import Closing
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.readable import first_lines
from chaos_runner.hosts.ssh.become import not_root, shell_words
from chaos_runner.hosts.ssh.errors import (
    AuthenticationFailedError,
    CommandTimeoutError,
    HostKeyRejectedError,
    HostUnreachableError,
    NotRootError,
    RescueError,
    TooMuchOutputError,
    UnansweredError,
)
from chaos_runner.hosts.ssh.remote_shell import CommandResult, RemoteShell, ShellEndedError
from chaos_runner.hosts.ssh.session import SshSession, open_session

__all__ = [
    "AuthenticationFailedError",
    "CommandResult",
    "CommandTimeoutError",
    "HostKeyRejectedError",
    "HostUnreachableError",
    "NodeSessions",
    "NotRootError",
    "RescueError",
    "SshChannel",
    "TooMuchOutputError",
    "UnansweredError",
]

CONNECT_TIMEOUT = 10.0
COMMAND_TIMEOUT = 30.0
"""Seconds; a sudo that waits for a name server takes ten of them."""


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


class SshChannel(Closing):
    """Commands on one host over a session that is kept open; threads may share it.

    Shells stay open too, as many as were needed at once, so that a later command needs no new
    sudo. Every method raises a RescueError, whose message begins with the host's name.
    """

    def __init__(self, host: Host, nodes: NodeSessions | None = None) -> None:
        self.host = host
        self._nodes = nodes or NodeSessions()
        self._session: SshSession | None = None
        self._connecting = threading.Lock()
        self._idle: list[RemoteShell] = []

    @property
    def connected(self) -> bool:
        """Tell whether the session is open, as far as this side knows."""
        return self._session is not None and self._session.active

    def connect(self, timeout: float = CONNECT_TIMEOUT) -> None:
        """Open the session unless it is open; `timeout` in seconds for each step of it."""
        self._connected(timeout)

    def become_root(self, timeout: float = COMMAND_TIMEOUT) -> None:
        """Open the session and a shell of root in it, and keep both; `timeout` in seconds.

        Raises NotRootError where there is no such shell. Who logs in as root is root without a
        proof: whether a shell answers is for the first question to tell.
        """
        session = self._connected(min(timeout, CONNECT_TIMEOUT))
        if session.user == "root":
            with suppress(UnansweredError):
                self.run(["true"], timeout=timeout)
        elif (who := self.run(["id", "-u"], timeout=timeout)).stdout.strip() != "0":
            said = first_lines(f"{who.stdout}\n{who.stderr}")
            raise not_root(self.host, session.user, f"id -u says {said[:80]!r}")

    def run(
        self,
        command: Sequence[str],
        stdin: bytes | None = None,
        timeout: float = COMMAND_TIMEOUT,
    ) -> CommandResult:
        """Run an argument list on the host, as root where the inventory says become.

        Connects first where need be. A status other than 0 is a result, not an error.
        """
        deadline = time.monotonic() + timeout
        session = self._connected(min(timeout, CONNECT_TIMEOUT))
        if (shell := self._idle_shell()) is not None:
            try:
                return self._run_in(shell, command, stdin, deadline)
            except ShellEndedError:
                pass  # while it lay idle; nothing was run in it
        words = shell_words(self.host, session.user)
        shell = RemoteShell(session.transport, self.host.name, words, deadline - time.monotonic())
        try:
            return self._run_in(shell, command, stdin, deadline)
        except ShellEndedError as error:
            if len(words) > 1:
                raise not_root(self.host, session.user, error.said) from error
            raise

    def close(self) -> None:
        """Close the session; the channel may connect again."""
        with self._connecting:
            self._drop()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def _connected(self, timeout: float) -> SshSession:
        with self._connecting:
            if self._session is None or not self._session.active:
                self._drop()
                node = self._nodes.transport(self.host, timeout)
                self._session = open_session(self.host, timeout, node)
            return self._session

    def _idle_shell(self) -> RemoteShell | None:
        with self._connecting:
            while self._idle:
                if (shell := self._idle.pop()).open:
                    return shell
                shell.close()
        return None

    def _run_in(
        self, shell: RemoteShell, command: Sequence[str], stdin: bytes | None, deadline: float
    ) -> CommandResult:
        result = shell.run(command, stdin, deadline - time.monotonic())
        with self._connecting:
            self._idle.append(shell)
        return result

    def _drop(self) -> None:
        while self._idle:
            self._idle.pop().close()
        if self._session is not None:
            self._session.close()
            self._session = None
