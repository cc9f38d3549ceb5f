"""Drop packets between a host and its peers, by nftables or iptables."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from chaos_runner.faults.base import FaultOptions, Resolve, resolved_peers, traffic_summary
from chaos_runner.faults.values import Address, Peer, Port

Direction = Literal["both", "in", "out"]
_WORDS: dict[Direction, str] = {"both": "from and to", "in": "from", "out": "to"}


class NetworkPartition(FaultOptions):
    """Drop what the target and its peers send each other; the control path stays open."""

    kind: ClassVar[str] = "network_partition"
    needs: ClassVar[frozenset[str]] = frozenset({"packet_filter"})
    ends_in_kernel: ClassVar[bool] = True

    peers: list[Peer] = Field(default=[], max_length=256)
    """Only traffic with these hosts, groups, addresses or ranges; all peers when left out."""
    ports: list[Port] = Field(default=[], max_length=64)
    """Only traffic to or from these ports; all ports when left out."""
    direction: Direction = "both"
    """`in` drops what the target receives, `out` what it sends, `both` either."""
    spared: Annotated[list[Address], Field(max_length=64)] | None = None
    """Never traffic with these addresses or ranges: what a relay on the host connects to, through
    which SSH comes in."""

    def summary(self) -> str:
        """Return e.g. `drop from and to all peers`."""
        return f"drop {_WORDS[self.direction]} {traffic_summary(self.peers, self.ports)}"

    def role_variables(self, resolve: Resolve) -> dict[str, object]:
        """Return the variables of roles/network_partition; the host chooses its packet filter."""
        return {
            "network_partition_peers": resolved_peers(self.peers, resolve),
            "network_partition_ports": list(self.ports),
            "network_partition_direction": self.direction,
            "network_partition_backend": "auto",
            "network_partition_spared": list(self.spared or []),
            "network_partition_measured": [],
        }

    def choices_on(self, capabilities: frozenset[str]) -> dict[str, object]:
        """Return the packet filter that the role takes there: nft where it works."""
        return {"network_partition_backend": "nft" if "nft" in capabilities else "iptables"}
