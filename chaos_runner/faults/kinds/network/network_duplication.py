"""Duplicate packets that a host sends or receives, by tc/netem."""

from __future__ import annotations

from typing import ClassVar

from chaos_runner.faults.kinds.network.emulation import EmulationFault, Share
from chaos_runner.units import format_percentage


class NetworkDuplication(EmulationFault):
    """Send some of the packets of the targets twice (tc/netem)."""

    kind: ClassVar[str] = "network_duplication"

    duplicate: Share
    """The share of packets that are sent twice, such as `1%`."""

    def describe(self) -> str:
        """Return e.g. `duplicate 1% to all peers`."""
        return f"duplicate {format_percentage(self.duplicate)} {self.towards()}"

    def outcome(self) -> str:
        """Return e.g. `sent 1% of its packets twice`."""
        return f"{self.has_done()} {format_percentage(self.duplicate)} of its packets twice"
