"""Say why the SSH channel could not do its work on a host.

RescueError                         5  the SSH channel failed on one host
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
    """The SSH channel failed on one host."""

    exit_code = 5


class HostUnreachableError(RescueError):
    """No SSH connection came about, or it broke."""


class HostKeyRejectedError(RescueError):
    """The host showed no key that is known to be its own."""


class AuthenticationFailedError(RescueError):
    """The host accepted none of the keys."""


class NotRootError(RescueError):
    """The user was let in and does not become root."""


class UnansweredError(RescueError):
    """A command was sent to a host and that no answer came that can be read."""


class CommandTimeoutError(UnansweredError):
    """A command did not end in time; what it began may go on on the host."""


class TooMuchOutputError(UnansweredError):
    """A command printed more than is kept; it was given up."""
