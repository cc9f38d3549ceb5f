"""Cut a host off from its peers, by nftables or iptables."""

from __future__ import annotations

from typing import ClassVar, Literal

from chaos_runner.faults.capabilities import PACKET_FILTER, Capability
from chaos_runner.faults.impact import DEGRADED, UNAVAILABLE, Harm, Impact, Machine
from chaos_runner.faults.network_fault import MEASURED, TrafficFault, among
from chaos_runner.faults.role_options import RoleOption

Direction = Literal["both", "in", "out"]
Action = Literal["drop", "reject", "reset"]
_WORDS: dict[Direction, str] = {"both": "from and to", "in": "from", "out": "to"}
_ONE_WAY: dict[Direction, str] = {"both": "", "in": " (incoming only)", "out": " (outgoing only)"}


class NetworkPartition(TrafficFault):
    """Cut the targets off from their peers: drop, reject or reset packets.

    Without options packets from and to every peer are dropped. What a target forwards passes, and
    the path of the control node's own connection
    [stays open](../concepts/channels.md#what-stays-open). `reject` and `reset` fail fast where
    `drop` makes everybody wait: a client sees "connection refused" at once, and no timeout. The
    kernel sends no more than some ICMP errors a second to one machine, so not each rejected packet
    is answered. nftables do it, or iptables with ipset.
    """

    kind: ClassVar[str] = "network_partition"
    role_title: ClassVar[str] = "Cut a host off from its peers, once or again and again"
    needs: ClassVar[frozenset[Capability]] = frozenset({PACKET_FILTER})
    ends_in_kernel: ClassVar[bool] = True
    role_only: ClassVar[tuple[RoleOption, ...]] = (
        RoleOption(
            "backend",
            "The packet filter: nft, iptables, or nft where the host has it (auto).",
            "auto",
            choices=("auto", "nft", "iptables"),
        ),
        MEASURED,
    )

    direction: Direction = "both"
    """`in` concerns what the target receives, `out` what it sends, `both` either."""
    action: Action = "drop"
    """`drop` loses packets silently; `reject` answers each with an ICMP error; `reset` ends TCP
    connections, open and new ones, with a reset at their next packet, and drops the rest."""

    def describe(self) -> str:
        """Return e.g. `drop from and to all peers`."""
        return f"{self.action} {_WORDS[self.direction]} {self.traffic()}"

    def outcome(self) -> str:
        """Return e.g. `was cut off (incoming only)`."""
        how = {"drop": "", "reject": " by ICMP errors", "reset": " by TCP resets"}[self.action]
        return f"was cut off{how}{_ONE_WAY[self.direction]}"

    def impact_on(self, machine: Machine) -> Impact:
        """Return a cut from named peers; without them a broker at one of the ports is missed.

        Where it is limited to ports it need not be the ports that the peers use, so nobody counts
        as cut.
        """
        if self.peers:
            return DEGRADED if self.ports else Impact(Harm.DEGRADED, cut_from=machine.peers)
        missed = not self.ports or any(among(port, self.ports) for port in machine.ports)
        return UNAVAILABLE if missed else DEGRADED

    def choices_on(self, capabilities: frozenset[str]) -> dict[str, object]:
        """Return the packet filter that the role takes there: nft where it works."""
        return {"network_partition_backend": "nft" if "nft" in capabilities else "iptables"}
