"""Decide where the replicas of the probe's partitions lie. Pure: brokers in, replicas out.

The brokers form a ring. Each leads one partition, and the brokers after it hold the other
replicas. So every broker is measured as a leader, and where there are more brokers than
replicas, every broker is missing from some partitions: the control group of any fault.

More partitions would not measure more, and would measure wrongly: a broker answers the
requests of a connection one after another, with acks=all only when the record is replicated,
and librdkafka puts one partition into a request. The partitions would wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST_REPLICAS = 3
"""Replication beyond three is rare, and would leave four brokers without a control group."""


def place(brokers: Iterable[int]) -> list[list[int]]:
    """Return per partition its replicas, the preferred leader first; one partition a broker."""
    ring = sorted(set(brokers))
    replicas = min(MOST_REPLICAS, len(ring))
    return [
        [ring[(leader + step) % len(ring)] for step in range(replicas)]
        for leader in range(len(ring))
    ]


def least_in_sync(replicas: int) -> int:
    """Return `min.insync.replicas` for a replication factor: one replica may be missing."""
    return max(1, min(replicas - 1, 2))


def without_replica_on(placement: list[list[int]], brokers: Iterable[int]) -> list[int]:
    """Return the partitions that have no replica on any of these brokers."""
    struck = set(brokers)
    return [partition for partition, replicas in enumerate(placement) if not struck & set(replicas)]
