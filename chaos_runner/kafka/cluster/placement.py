"""Decide where the replicas of the probe's partitions lie. Pure: brokers in, replicas out.

The brokers form a ring, the targets of the faults side by side in it. Each leads one partition,
and the brokers after it hold the other replicas. So every broker is measured as a leader; the
last brokers before the targets have followers there; and as many partitions as the brokers
allow have no replica on a target: the control group.

More partitions would not measure more, and would measure wrongly: a broker answers the
requests of a connection one after another, with acks=all only when the record is replicated,
and librdkafka puts one partition into a request. The partitions would wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

MOST_REPLICAS = 3
"""Replication beyond three is rare, and would leave four brokers without a control group."""


def place(brokers: Iterable[int], targets: Set[int] = frozenset()) -> list[list[int]]:
    """Return per partition its replicas, the preferred leader first; one partition a broker.

    With S brokers that are no targets and R replicas, S - R + 1 partitions are the control
    group (none where that is below one), and the others of the S have a follower on a target.
    """
    ring = sorted(set(brokers), key=lambda broker: (broker in targets, broker))
    replicas = min(MOST_REPLICAS, len(ring))
    return [
        [ring[(leader + step) % len(ring)] for step in range(replicas)]
        for leader in range(len(ring))
    ]


def min_insync_replicas(replicas: int) -> int:
    """Return `min.insync.replicas` for a replication factor: one replica may be missing."""
    return max(1, min(replicas - 1, 2))
