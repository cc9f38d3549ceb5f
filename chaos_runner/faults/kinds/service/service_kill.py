"""Kill the main process of a systemd service, once or again and again, and restore its state."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from chaos_runner.faults.service_fault import ServiceFault
from chaos_runner.units import Duration, Within, format_duration

Signal = Literal["KILL", "ABRT", "TERM"]

_SHORTEST_INTERVAL = 1.0
"""Seconds. What is killed more often never starts, which a service that is down shows as well."""
_LONGEST_INTERVAL = 3600.0
"""Seconds."""


class ServiceKill(ServiceFault):
    """Kill the main process of a systemd service of the targets.

    Killed once it stays down, since `Restart=` is held off until roll-back. With `interval` it is
    killed again and again, and systemd restarts it in between as its unit says: a crash loop, which
    may end at its start limit. What went down comes back as after `service_stop`, with the start
    limit counted anew; [the role](../../roles/service_kill/README.md#what-it-refuses) lists what is
    refused.
    """

    kind: ClassVar[str] = "service_kill"
    survives_restart: ClassVar[bool] = True

    signal: Signal = "KILL"
    """KILL as when memory runs out, ABRT as a crash with a core dump, TERM as an orderly end."""
    interval: (
        Annotated[Duration, Within(_SHORTEST_INTERVAL, _LONGEST_INTERVAL, format_duration)] | None
    ) = None
    """How long after each kill it is killed again, 1s to 1h; without it only once, and it stays
    down."""

    def _how(self) -> str:
        by = "" if self.signal == "KILL" else f" by SIG{self.signal}"
        return f"{by} every {format_duration(self.interval)}" if self.interval else by

    def describe(self) -> str:
        """Return e.g. `kill service kafka by SIGABRT every 10s`."""
        return f"kill service {self.name}{self._how()}"

    def outcome(self) -> str:
        """Return e.g. `had kafka killed every 10s`."""
        return f"had {self.name} killed{self._how()}"
