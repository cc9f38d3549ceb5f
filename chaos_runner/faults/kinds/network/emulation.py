"""The base of the fault kinds that tc/netem makes, of what a host sends or receives."""

from __future__ import annotations

from typing import Annotated, ClassVar

from chaos_runner.faults.capabilities import IFB, NETEM, NFT, TC, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.network_fault import MEASURED, OWN_ADDRESSES, TrafficFault
from chaos_runner.faults.partition_shapes import Direction
from chaos_runner.faults.role_options import RoleOption
from chaos_runner.faults.values import Interface
from chaos_runner.units import Percentage, Within, format_percentage

Share = Annotated[Percentage, Within(0.001, 100.0, format_percentage)]
"""A share of packets; less than one in 100,000 is seen by nobody."""


_TOWARDS: dict[Direction, str] = {"out": "to", "in": "from", "both": "from and to"}
_WORDS: dict[Direction, str] = {
    "out": "sent",
    "in": "received",
    "both": "sent and received",
}


class EmulationFault(TrafficFault):
    """A disturbance of what a host sends or receives, by a netem queue."""

    role: ClassVar[str] = "network_emulation"
    role_title: ClassVar[str] = "Delay, lose, duplicate, corrupt, reorder or slow traffic"
    needs: ClassVar[frozenset[Capability]] = frozenset({TC, NETEM, NFT})
    occupies: ClassVar[str] = "root qdisc"
    ends_in_kernel: ClassVar[bool] = True
    role_only: ClassVar[tuple[RoleOption, ...]] = (OWN_ADDRESSES, MEASURED)

    interface: Interface | None = None
    """The network interface; by default the one towards the peers, or that holds the address
    which Kafka advertises, or towards the control node."""

    direction: Direction = "out"
    """`out` concerns what the target sends, `in` what it receives, `both` either, so that a round
    trip has it twice. What it receives needs ifb and Linux 5.6, and a host that forwards nothing
    for others."""

    def needed(self) -> frozenset[Capability]:
        """Return what it takes in its direction; a root qdisc is exchanged only to send."""
        if self.direction == "out":
            return self.needs
        return self.needs | {IFB} if self.direction == "both" else (self.needs - {NETEM}) | {IFB}

    def concerned_direction(self) -> Direction:
        """Return that which was asked for."""
        return self.direction

    def towards(self) -> str:
        """Return whose traffic it concerns, e.g. `to kafka-2 on port 9092`."""
        return f"{_TOWARDS[self.direction]} {self.traffic()}"

    def has_done(self) -> str:
        """Return what its target did with the packets, e.g. `sent`."""
        return _WORDS[self.direction]

    def lets_nothing_pass(self) -> bool:
        """Tell whether no packet that it concerns arrives as it was sent."""
        return False

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine is slower: whether it keeps up is what the experiment shows.

        Where nothing passes it is cut off.
        """
        return self.impact_of_cut(machine) if self.lets_nothing_pass() else DEGRADED
