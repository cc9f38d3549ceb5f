"""The base of the fault kinds that tc/netem makes, of what a host sends."""

from __future__ import annotations

from typing import Annotated, ClassVar

from chaos_runner.faults.capabilities import NETEM, NFT, TC, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.network_fault import MEASURED, OWN_ADDRESSES, TrafficFault
from chaos_runner.faults.role_options import RoleOption
from chaos_runner.faults.values import Interface
from chaos_runner.units import Percentage, Within, format_percentage

Share = Annotated[Percentage, Within(0.001, 100.0, format_percentage)]
"""A share of packets; less than one in 100,000 is seen by nobody."""


class EmulationFault(TrafficFault):
    """A disturbance of what a host sends, by a netem queue."""

    role: ClassVar[str] = "network_emulation"
    role_title: ClassVar[str] = "Delay, lose, duplicate, corrupt, reorder or slow what a host sends"
    needs: ClassVar[frozenset[Capability]] = frozenset({TC, NETEM, NFT})
    occupies: ClassVar[str] = "root qdisc"
    ends_in_kernel: ClassVar[bool] = True
    role_only: ClassVar[tuple[RoleOption, ...]] = (OWN_ADDRESSES, MEASURED)

    interface: Interface | None = None
    """The network interface; by default the one towards the peers, or that holds the address
    which Kafka advertises, or towards the control node."""

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine is slower: whether it keeps up is what the experiment shows."""
        return DEGRADED
