"""The second hand on a host: an SSH session that needs no Ansible and nothing on the host.

This module and `ssh_session` alone import paramiko. Host keys are always checked: a key that is
not known is rejected, whatever the inventory's options say.
"""

from __future__ import annotations

import shlex
import threading
from collections.abc import Sequence
from typing import Self

from chaos_runner.closing import Closing
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.rescue_errors import (
    AuthenticationFailedError,
    CommandTimeoutError,
    HostKeyRejectedError,
    HostUnreachableError,
    NotRootError,
    RescueError,
    TooMuchOutputError,
    UnansweredError,
)
from chaos_runner.hosts.ssh_channel import CommandResult, run_on
from chaos_runner.hosts.ssh_session import SshSession, open_session

__all__ = [
    "AuthenticationFailedError",
    "CommandResult",
    "CommandTimeoutError",
    "HostKeyRejectedError",
    "HostUnreachableError",
    "NotRootError",
    "RescueError",
    "RescueHand",
    "TooMuchOutputError",
    "UnansweredError",
]

CONNECT_TIMEOUT = 10.0
COMMAND_TIMEOUT = 30.0


class RescueHand(Closing):
    """Run commands on one host over a session that is kept open; threads may share it.

    Every method raises a RescueError, whose message begins with the host's name.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self._session: SshSession | None = None
        self._connecting = threading.Lock()

    @property
    def connected(self) -> bool:
        """Tell whether the session is open, as far as this side knows."""
        return self._session is not None and self._session.active

    def connect(self, timeout: float = CONNECT_TIMEOUT) -> None:
        """Open the session unless it is open; `timeout` in seconds for each step of it."""
        with self._connecting:
            if not self.connected:
                self._drop()
                self._session = open_session(self.host, timeout)

    def run(
        self,
        command: Sequence[str],
        stdin: bytes | None = None,
        timeout: float = COMMAND_TIMEOUT,
    ) -> CommandResult:
        """Run an argument list on the host, as root where the inventory says become.

        Connects first where need be. A status other than 0 is a result, not an error.
        """
        self.connect(min(timeout, CONNECT_TIMEOUT))
        session = self._session
        if session is None:
            raise HostUnreachableError(f"{self.host.name}: the session was closed")
        words = [*self._become(session), *command]
        return run_on(session.transport, self.host.name, shlex.join(words), stdin or b"", timeout)

    def close(self) -> None:
        """Close the session; the hand may connect again."""
        with self._connecting:
            self._drop()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def _become(self, session: SshSession) -> tuple[str, ...]:
        """Return sudo's words; root does without, as a host may have no sudo."""
        return ("sudo", "-n", "--") if self.host.become and session.user != "root" else ()

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
