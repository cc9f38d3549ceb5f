"""Reorder packets that a host sends or receives, by tc/netem."""

from __future__ import annotations

from typing import Annotated, ClassVar

from chaos_runner.faults.kinds.network.emulation import EmulationFault, Share
from chaos_runner.units import Duration, Percentage, Within, format_duration, format_percentage


class NetworkReordering(EmulationFault):
    """Let some of the packets that the targets send or receive overtake the others (tc/netem).

    The others are held back by `delay`. A packet only overtakes those sent less than that before.
    """

    kind: ClassVar[str] = "network_reordering"

    reorder: Share
    """The share of packets that overtake, such as `10%`."""
    delay: Annotated[Duration, Within(0.0001, 60.0, format_duration)] = 0.01
    """How long the others are held back, at most 1m."""
    correlation: Percentage | None = None
    """How much what happens to a packet resembles what happened to the one before."""

    def describe(self) -> str:
        """Return e.g. `reorder 10% by 10ms to all peers`."""
        by = f"{format_percentage(self.reorder)} by {format_duration(self.delay)}"
        return f"reorder {by} {self.towards()}"

    def outcome(self) -> str:
        """Return e.g. `sent 10% of its packets out of order`."""
        return f"{self.has_done()} {format_percentage(self.reorder)} of its packets out of order"
