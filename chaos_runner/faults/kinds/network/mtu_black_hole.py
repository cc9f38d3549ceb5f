"""Lose the large packets of a host without a word, by nftables."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from chaos_runner.faults.capabilities import NFT, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.faults.network_fault import TrafficFault
from chaos_runner.faults.role_options import RoleOption


class MtuBlackHole(TrafficFault):
    """Lose the large packets between the targets and their peers, as a path with a small MTU does.

    No ICMP message says that a packet was too big. Connections open and small requests are
    answered, while large ones hang. It takes packets as the host hands them to its network card,
    and TCP hands over up to 64 KiB at once.
    """

    kind: ClassVar[str] = "mtu_black_hole"
    role: ClassVar[str] = "network_partition"
    role_title: ClassVar[str] = NetworkPartition.role_title
    needs: ClassVar[frozenset[Capability]] = frozenset({NFT})
    ends_in_kernel: ClassVar[bool] = True
    role_defaults: ClassVar[dict[str, object]] = {"mtu": 0}
    role_only: ClassVar[tuple[RoleOption, ...]] = NetworkPartition.role_only

    mtu: Annotated[int, Field(ge=68, le=65_535)] = 1400
    """The largest packet that passes, in bytes, with its IP header: 68, the least that IPv4 allows,
    to 65535. A host whose network card sends no larger ones is refused."""

    def describe(self) -> str:
        """Return e.g. `drop packets above 1400 bytes from and to all peers`."""
        return f"drop packets above {self.mtu} bytes from and to {self.traffic()}"

    def outcome(self) -> str:
        """Return e.g. `lost all packets above 1400 bytes`."""
        return f"lost all packets above {self.mtu} bytes"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine may not keep up: heartbeats pass, and replication hangs."""
        return DEGRADED
