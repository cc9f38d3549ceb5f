"""Say why the rescue hand could not do its work on a host.

RescueError                     5  the rescue hand failed on one host
├── HostUnreachableError        5  no SSH connection came about, or it broke
├── HostKeyRejectedError        5  the host showed no key that is known to be its own
├── AuthenticationFailedError   5  the host let the user in with none of the keys
└── CommandTimeoutError         5  a command did not end in time
"""

from __future__ import annotations

from chaos_runner.errors import ChaosRunnerError


class RescueError(ChaosRunnerError):
    """Tell that the rescue hand failed on one host."""

    exit_code = 5


class HostUnreachableError(RescueError):
    """Tell that no SSH connection came about, or that it broke."""


class HostKeyRejectedError(RescueError):
    """Tell that the host showed no key that is known to be its own."""


class AuthenticationFailedError(RescueError):
    """Tell that the host accepted none of the keys."""


class CommandTimeoutError(RescueError):
    """Tell that a command did not end in time; what it began may go on on the host."""
