"""Say why the rescue hand could not do its work on a host.

RescueError                         5  the rescue hand failed on one host
├── HostUnreachableError            5  no SSH connection came about, or it broke
├── HostKeyRejectedError            5  the host showed no key that is known to be its own
├── AuthenticationFailedError       5  the host let the user in with none of the keys
├── NotRootError                    5  the user is in, but does not become root
└── UnansweredError                 5  a command was sent and gave no answer that can be read
    ├── CommandTimeoutError         5  it did not end in time
    └── TooMuchOutputError          5  it printed without end
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


class NotRootError(RescueError):
    """Tell that the user was let in and does not become root."""


class UnansweredError(RescueError):
    """Tell that a command was sent to a host and that no answer came that can be read."""


class CommandTimeoutError(UnansweredError):
    """Tell that a command did not end in time; what it began may go on on the host."""


class TooMuchOutputError(UnansweredError):
    """Tell that a command printed more than is kept; it was given up."""
