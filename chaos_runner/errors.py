"""The error tree. Every error says what happened, where, and what the user can do.

ChaosRunnerError                 70  something went wrong inside chaos-runner itself
├── UsageError                    2  what the user wrote cannot be used
│   ├── InvalidExperimentError    2  an experiment file has mistakes
│   └── InvalidInventoryError     2  an inventory cannot be read or names nothing
├── ProbeError                    3  the Kafka probe could not see clearly
├── RefusedError                  4  a safety guard said no; nothing was touched
├── InjectionError                5  a fault could not be applied, or had no effect
├── RescueError                   5  paramiko failed on one host (in hosts/rescue_errors.py)
├── LabError                      5  the lab could not do what was asked
│   └── LabRequirementError       5  the machine lacks something the lab needs
└── HostsNotCleanError           10  a host is dirty or unknown after roll-back

The numbers are the exit codes of the command line. 0 means held and clean, 1 deviated,
130 and 143 interrupted but reverted. 10 wins over every other code.
"""

from __future__ import annotations

from typing import ClassVar


class ChaosRunnerError(Exception):
    """An error with a message for the user and a hint about how to fix it.

    `message` says what went wrong and where; `hint` (may be empty) says what to do next.
    `exit_code` is what the command line ends with.
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class UsageError(ChaosRunnerError):
    """What the user wrote cannot be used."""

    exit_code = 2


class InvalidExperimentError(UsageError):
    """Every mistake of an experiment file at once, each with file, line and key."""


class InvalidInventoryError(UsageError):
    """An inventory cannot be read, or a pattern names no host of it."""


class ProbeError(ChaosRunnerError):
    """The Kafka probe could not start or could not see clearly."""

    exit_code = 3


class RefusedError(ChaosRunnerError):
    """A safety guard refused before anything was touched."""

    exit_code = 4


class InjectionError(ChaosRunnerError):
    """A fault could not be applied, or was applied and had no effect."""

    exit_code = 5


class LabError(ChaosRunnerError):
    """The lab could not do what was asked of it."""

    exit_code = 5


class LabRequirementError(LabError):
    """What the machine lacks before a lab can come up."""


class HostsNotCleanError(ChaosRunnerError):
    """At least one host is dirty, or could not be reached to find out."""

    exit_code = 10
