"""Corrupt packets that a host sends or receives, by tc/netem."""

from __future__ import annotations

from typing import ClassVar

from chaos_runner.faults.kinds.network.emulation import EmulationFault, Share
from chaos_runner.units import Percentage, format_percentage


class NetworkCorruption(EmulationFault):
    """Corrupt some packets that the targets send or receive, by one wrong bit each (tc/netem).

    A checksum finds nearly all of them: TCP drops such a packet and sends it again, so programs see
    a loss.
    """

    kind: ClassVar[str] = "network_corruption"

    corrupt: Share
    """The share of packets that get a wrong bit, such as `1%`."""
    correlation: Percentage | None = None
    """How much what happens to a packet resembles what happened to the one before."""

    def lets_nothing_pass(self) -> bool:
        """Tell whether every packet is corrupt, which TCP then drops."""
        return self.corrupt >= 100

    def describe(self) -> str:
        """Return e.g. `corrupt 1% to all peers`."""
        return f"corrupt {format_percentage(self.corrupt)} {self.towards()}"

    def outcome(self) -> str:
        """Return e.g. `sent 1% of its packets corrupt`."""
        return f"{self.has_done()} {format_percentage(self.corrupt)} of its packets corrupt"
