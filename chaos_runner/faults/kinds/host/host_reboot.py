"""Restart a host."""

from __future__ import annotations

from typing import ClassVar, Literal

from chaos_runner.faults.capabilities import SYSTEMD, Capability
from chaos_runner.faults.kind import FaultKind

RESTART_LIMIT = 600.0
"""Seconds in which a host has come back: a large machine takes minutes to test its memory."""


class HostReboot(FaultKind):
    """Restart the targets, in order or as by a power cut, and await them.

    A host goes down a few seconds after the fault begins, and comes back by itself; its
    duration only says for how long it is watched before the roll-back, which waits for it. It is
    back when it has another boot id, has started, can be logged in to, and runs what it ran before:
    a service that was started by hand is started again. What else is only in memory (rules of a
    firewall, settings of sysctl) is what the host makes of it in any restart. It ends any other
    fault on the host.
    """

    kind: ClassVar[str] = "host_reboot"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD})
    occupies: ClassVar[str] = "restart"
    survives_restart: ClassVar[bool] = True
    absence: ClassVar[float] = RESTART_LIMIT

    how: Literal["clean", "hard"] = "clean"
    """`clean` stops all services first; `hard` is at once, and what was not on disk yet is lost. In
    a container there is only `clean`."""

    def describe(self) -> str:
        """Return e.g. `restart the host` or `restart the host as by a power cut`."""
        return f"restart the host{' as by a power cut' if self.how == 'hard' else ''}"

    def outcome(self) -> str:
        """Return e.g. `was restarted`."""
        return f"was restarted{' as by a power cut' if self.how == 'hard' else ''}"
