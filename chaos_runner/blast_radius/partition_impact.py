"""Work out what becomes of a partition when brokers are gone or cut from each other. Pure.

As Kafka does it, without unclean elections: a leader that is there stays; else the first replica
in sync that is there leads. In sync stays what is there and reaches the leader.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass

from chaos_runner.measurements.cluster_snapshot import Partition

Linked = Callable[[int, int], bool]
"""Tell whether two brokers reach each other."""


@dataclass(frozen=True)
class PartitionImpact:
    """What changes for one partition; what was so before does not count."""

    loses_leader: bool = False
    """Its leader is gone: another one takes over, or none."""
    falls_under_min_isr: bool = False
    """It is led, and refuses `acks=all`, which it did not before."""
    goes_offline: bool = False


def partition_impact(
    partition: Partition, gone: Set[int], linked: Linked, min_insync_replicas: int
) -> PartitionImpact:
    """Return the impact on one partition, whose topic has this `min.insync.replicas`."""
    if partition.offline:
        return PartitionImpact()
    leader = _leader_after(partition, gone)
    loses_leader = leader != partition.leader
    if leader is None:
        return PartitionImpact(loses_leader, goes_offline=True)
    stay = [
        broker
        for broker in partition.in_sync
        if broker == leader or (broker not in gone and linked(leader, broker))
    ]
    needed = partition.needs(min_insync_replicas)
    falls = len(stay) < needed <= len(partition.in_sync)
    return PartitionImpact(loses_leader, falls_under_min_isr=falls)


def _leader_after(partition: Partition, gone: Set[int]) -> int | None:
    if partition.leader not in gone:
        return partition.leader
    return next(
        (
            broker
            for broker in partition.replicas
            if broker in partition.in_sync and broker not in gone
        ),
        None,
    )
