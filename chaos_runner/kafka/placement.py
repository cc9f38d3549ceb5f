"""Decide where the replicas of the probe's partitions lie. Pure: brokers in, replicas out.

The brokers form a ring. Each leads as many partitions as any other, and the brokers after it
hold the other replicas. So every broker is measured as a leader, and where there are more
brokers than replicas, every broker is missing from some partitions: the control group of any
fault.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST_REPLICAS = 3
"""Replication beyond three is rare, and would leave four brokers without a control group."""
LED_BY_EACH = 6
"""Librdkafka's idempotent producer spins at 100 % CPU when a partition has its five messages
in flight and more queued, but not while a request waits for one of the five places of the
connection. With six partitions a broker, the connection is full first."""
MOST_PARTITIONS = 48
"""More brokers lead fewer partitions each: the probe shall not be a burden to the cluster."""


def place(brokers: Iterable[int]) -> list[list[int]]:
    """Return per partition its replicas, the preferred leader first.

    Partitions come in rounds, each led by every broker once. From round to round the followers
    change order, so that a dead leader's partitions move to different brokers.
    """
    ring = sorted(set(brokers))
    rounds = max(1, min(LED_BY_EACH, MOST_PARTITIONS // len(ring)))
    followers = min(MOST_REPLICAS, len(ring)) - 1
    return [
        [ring[leader], *_followers(ring, leader, followers, turn)]
        for turn in range(rounds)
        for leader in range(len(ring))
    ]


def _followers(ring: list[int], leader: int, count: int, turn: int) -> list[int]:
    steps = [1 + (turn + number) % count for number in range(count)]
    return [ring[(leader + step) % len(ring)] for step in steps]


def least_in_sync(replicas: int) -> int:
    """Return `min.insync.replicas` for a replication factor: one replica may be missing."""
    return max(1, min(replicas - 1, 2))


def without_replica_on(placement: list[list[int]], brokers: Iterable[int]) -> list[int]:
    """Return the partitions that have no replica on any of these brokers."""
    struck = set(brokers)
    return [partition for partition, replicas in enumerate(placement) if not struck & set(replicas)]
