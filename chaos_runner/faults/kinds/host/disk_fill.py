"""Fill a file system with one file."""

from __future__ import annotations

from typing import Annotated, ClassVar

from chaos_runner.faults.impact import DEGRADED, UNAVAILABLE, Impact, Machine
from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.values import AbsolutePath
from chaos_runner.units import Percentage, Within, format_percentage

_FULL = 99.5
"""Percent from which `df` calls a file system full: it rounds up."""


class DiskFill(FaultKind):
    """Fill a file system up to a level, and free it again.

    A file `.chaos-…-fill` in the directory takes the room: fallocate, or zeros where the file
    system has none. The blocks that a file system reserves for root stay free, as does 1 MiB of
    one that reserves none. What others write or remove meanwhile is theirs.
    """

    kind: ClassVar[str] = "disk_fill"
    survives_restart: ClassVar[bool] = True

    path: AbsolutePath | None = None
    """A directory of the file system; left out, the one in which the Kafka server on the host keeps
    its log, as found on each host."""
    level: Annotated[Percentage, Within(1.0, 100.0, format_percentage)] = 95.0
    """How full it gets, as `df` counts it: of the room that is not reserved for root."""

    def describe(self) -> str:
        """Return e.g. `fill /var/lib/kafka to 95%`."""
        return f"fill {self._place()} to {format_percentage(self.level)}"

    def outcome(self) -> str:
        """Return e.g. `had /var/lib/kafka filled to 95%`."""
        return f"had {self._place()} filled to {format_percentage(self.level)}"

    def occupied(self) -> str:
        """Return the path: two faults would each count the other's file as the host's own."""
        return f"room of {self._place()}"

    def _place(self) -> str:
        return self.path or "Kafka's log directory"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that a broker may end on a full disk; which disk is its own is not known."""
        return UNAVAILABLE if self.level >= _FULL else DEGRADED
