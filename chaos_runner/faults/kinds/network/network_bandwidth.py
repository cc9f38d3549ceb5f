"""Limit the rate at which a host sends or receives, by tc/netem."""

from __future__ import annotations

from typing import Annotated, ClassVar

from chaos_runner.faults.kinds.network.emulation import EmulationFault
from chaos_runner.faults.values import Matching


class NetworkBandwidth(EmulationFault):
    """Limit the rate at which the targets send or receive (tc/netem).

    What comes faster waits, in a queue that holds about a quarter of a second; what finds no room
    there is lost, as at a slow link.
    """

    kind: ClassVar[str] = "network_bandwidth"

    rate: Annotated[
        str,
        Matching(
            r"[1-9][0-9]{0,5}(\.[0-9]{1,3})?[kmg]bit", "a rate in kbit, mbit or gbit", "20mbit"
        ),
    ]
    """Bits a second for all chosen traffic together: `512kbit`, `20mbit`, `1gbit`."""

    def describe(self) -> str:
        """Return e.g. `limit to 20mbit to all peers`."""
        return f"limit to {self.rate} {self.towards()}"

    def outcome(self) -> str:
        """Return e.g. `sent at most 20mbit`."""
        return f"{self.has_done()} at most {self.rate}"
