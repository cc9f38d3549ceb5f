"""The fault kinds: what a user may write under `faults`, and what each asks of its role.

A new kind is a file here, a line in FAULT_KINDS and a field in `FaultChoice`.
"""

from __future__ import annotations

from chaos_runner.faults.base import FaultOptions, Resolve, WrittenModel
from chaos_runner.faults.network_latency import NetworkLatency
from chaos_runner.faults.network_partition import NetworkPartition
from chaos_runner.faults.service_stop import ServiceStop

__all__ = [
    "FAULT_KINDS",
    "FaultChoice",
    "FaultOptions",
    "NetworkLatency",
    "NetworkPartition",
    "Resolve",
    "ServiceStop",
    "WrittenModel",
]

FAULT_KINDS: dict[str, type[FaultOptions]] = {
    options.kind: options for options in (NetworkLatency, NetworkPartition, ServiceStop)
}
"""Kind to options; the kind is the key in an experiment file and the name of the role."""


class FaultChoice(WrittenModel):
    """Offer each fault kind as a key of its own, of which an entry uses one."""

    network_latency: NetworkLatency | None = None
    """Delay every packet that the targets send (tc/netem)."""
    network_partition: NetworkPartition | None = None
    """Drop packets between the targets and their peers (nftables or iptables)."""
    service_stop: ServiceStop | None = None
    """Stop a systemd service of the targets."""
