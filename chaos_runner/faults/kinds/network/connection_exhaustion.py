"""Let no new connection of a host through, by nftables."""

from __future__ import annotations

from typing import ClassVar, Literal

from chaos_runner.faults.capabilities import NFT, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kind import Resolve
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.faults.network_fault import TrafficFault
from chaos_runner.faults.role_options import RoleOption


class ConnectionExhaustion(TrafficFault):
    """Let no new TCP connection between the targets and their peers through.

    Open connections go on, as on a host whose table of connections is full, or whose server is at
    its limit. The table itself (`nf_conntrack_max`) stays as it is: it is one for the host, its
    containers and the way in. So it needs no connection tracking, and UDP passes.
    """

    kind: ClassVar[str] = "connection_exhaustion"
    role: ClassVar[str] = "network_partition"
    role_title: ClassVar[str] = NetworkPartition.role_title
    needs: ClassVar[frozenset[Capability]] = frozenset({NFT})
    ends_in_kernel: ClassVar[bool] = True
    role_only: ClassVar[tuple[RoleOption, ...]] = (
        *NetworkPartition.role_only,
        RoleOption(
            "connections",
            "Which packets are meant: all, or those that open a TCP connection (new).",
            "all",
            choices=("all", "new"),
        ),
    )

    action: Literal["drop", "reset"] = "drop"
    """`drop` lets who connects wait until its timeout; `reset` refuses at once."""

    def role_variables(self, resolve: Resolve) -> dict[str, object]:
        """Return those of a partition, for new connections."""
        return {**super().role_variables(resolve), f"{self.role_name()}_connections": "new"}

    def describe(self) -> str:
        """Return e.g. `drop new connections from and to all peers`."""
        return f"{self.action} new connections from and to {self.traffic()}"

    def outcome(self) -> str:
        """Return e.g. `took and made no new connection`."""
        return "took and made no new connection"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine lives on open connections: those it loses do not come back."""
        return DEGRADED
