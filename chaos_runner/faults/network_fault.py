"""The base of the fault kinds that concern traffic with peers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from chaos_runner.faults.impact import DEGRADED, UNAVAILABLE, Harm, Impact, Machine
from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.option_patterns import ADDRESS
from chaos_runner.faults.partition_shapes import Direction, Split
from chaos_runner.faults.peers import Address, Peer
from chaos_runner.faults.role_options import RoleOption
from chaos_runner.faults.values import Port


class NetworkFault(FaultKind):
    """A disturbance of the traffic of a host with its peers."""

    peers: list[Peer] = Field(default=[], max_length=256)
    """Only traffic with these hosts, groups, patterns, addresses or ranges; all peers when left
    out. A host means the machine: every address by which the inventory, DNS, the host itself or the
    cluster knows it; the plan shows them."""
    spared: Annotated[list[Address], Field(max_length=64)] | None = None
    """Never traffic with these addresses or ranges. Where SSH comes through a relay or tunnel on
    the host whose own connection nobody knows, name what that connects to; such hosts are refused
    else."""

    def concerned_ports(self) -> Sequence[int | str]:
        """Return the ports and ranges that it is limited to; none means every port."""
        return ()

    def concerned_direction(self) -> Direction:
        """Return whether it is about what a host receives, sends, or both."""
        return "both"

    def split_of(
        self,
        targets: Sequence[str],
        seed: int,
        members_of: Callable[[str], Sequence[str]],
        racks: Callable[[], Mapping[str, Sequence[str]]],
    ) -> Split | None:
        """Return how it cuts its targets from one another; None where it is not about that.

        `seed` is that of the targets, `members_of` maps a group or pattern to its hosts, `racks`
        returns the targets in each rack. Raise InvalidInventoryError where these targets do not
        allow it.
        """
        return None

    def spared_of(self, needed: Sequence[str]) -> list[str]:
        """Return what of the host's own way in it spares: all of it.

        `needed` are lines of ADDRESS PROTOCOL PORT WHY, as the host guard finds them.
        """
        return list(needed)


class TrafficFault(NetworkFault):
    """A disturbance of the traffic with peers that may be limited to ports."""

    ports: list[Port] = Field(default=[], max_length=64)
    """Only traffic to or from these ports, such as `[9092, 9093-9095]`; all ports when left out."""

    def concerned_ports(self) -> Sequence[int | str]:
        """Return the ports and ranges that it is limited to; none means every port."""
        return self.ports

    def impact_of_cut(self, machine: Machine) -> Impact:
        """Return what it does where nothing passes: a cut from named peers, or from everybody.

        Limited to ports it does so where Kafka serves at one of them, and nobody knows where a
        machine does not tell at which ports Kafka serves there.
        """
        whole = Impact(Harm.DEGRADED, cut_from=machine.peers) if machine.peers else UNAVAILABLE
        if not self.ports or any(among(port, self.ports) for port in machine.ports):
            return whole
        if machine.untold:
            ports = ", ".join(map(str, self.ports))
            why = f"Kafka may use {ports}: nobody tells its ports on {', '.join(machine.untold)}"
            return replace(whole, unknown=why)
        return DEGRADED

    def whom(self) -> str:
        """Return whom it concerns, e.g. `kafka-2`."""
        return ", ".join(self.peers) if self.peers else "all peers"

    def traffic(self) -> str:
        """Return what it concerns, e.g. `kafka-2 on ports 9092, 9093`."""
        if not self.ports:
            return self.whom()
        word = "ports" if len(self.ports) > 1 else "port"
        return f"{self.whom()} on {word} {', '.join(map(str, self.ports))}"


MEASURED = RoleOption(
    "measured",
    "Without peers, addresses that the effect is looked for at, beside the control node's.",
    [],
    "list",
    ADDRESS,
)
"""What a plan fills with addresses that Kafka advertises where no fault is."""
OWN_ADDRESSES = RoleOption(
    "own_addresses",
    "Addresses of the hosts themselves, such as those that Kafka advertises; without peers and "
    "interface, the interface that holds one of them is taken, else the control node's.",
    [],
    "list",
    ADDRESS,
)
"""The variable of a role that shapes an interface, for finding the one that Kafka uses."""


def among(port: int, ports: Sequence[int | str]) -> bool:
    """Tell whether a port is one of these ports and ranges."""
    for entry in ports:
        low, _, high = str(entry).partition("-")
        if int(low) <= port <= int(high or low):
            return True
    return False
