"""What a Kafka cluster looks like at one moment, as data that every room may read.

Pure: nothing here asks a cluster. The health of each second, and the blast radius of a plan,
are functions of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

OFFSETS_TOPIC = "__consumer_offsets"
"""The internal topic whose partitions' leaders coordinate the consumer groups."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: who leads it (-1: nobody), who should have it, who has it in sync."""

    topic: str
    number: int
    leader: int
    replicas: tuple[int, ...]
    """Broker ids, the preferred leader first."""
    in_sync: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.topic}-{self.number}"

    @property
    def offline(self) -> bool:
        """Tell whether nobody leads it."""
        return self.leader < 0

    @property
    def under_replicated(self) -> bool:
        """Tell whether a replica is not in sync; lists of replicas have no order of meaning."""
        return bool(set(self.replicas) - set(self.in_sync))

    @property
    def not_preferred(self) -> bool:
        """Tell whether another than the preferred leader leads it."""
        return bool(self.replicas) and 0 <= self.leader != self.replicas[0]

    def needs(self, min_insync_replicas: int) -> int:
        """Return how many replicas must be in sync for `acks=all`.

        Kafka asks for no more than there are replicas (`effectiveMinIsr` in its Partition).
        """
        return min(min_insync_replicas, len(self.replicas))


@dataclass(frozen=True, slots=True)
class Broker:
    """A live broker: the listener that it advertises, and what that name resolves to."""

    host: str
    port: int
    addresses: tuple[str, ...] = ()
    rack: str = ""
    """Its `broker.rack`; empty where there is none or it was not asked for."""
    for_clients: tuple[int, ...] = ()
    """The ports at which clients alone reach it, no broker and no controller; as far as known."""


@dataclass(frozen=True, slots=True)
class Voter:
    """A KRaft controller that votes on the cluster's metadata."""

    addresses: tuple[str, ...] = ()
    """The names it is reached by, and what these resolve to; none where the cluster is too old to
    tell."""
    silent: bool = False
    """Whether the active controller has not heard of it for some time."""
    leads: bool = False
    """Whether it is the active controller, without which a broker is fenced."""
    ports: tuple[int, ...] = ()
    """Those at which it serves as a controller; none where the cluster is too old to tell."""


@dataclass(frozen=True)
class ClusterSnapshot:
    """The brokers and every partition of every topic, as one broker knew them."""

    brokers: Mapping[int, Broker]
    partitions: tuple[Partition, ...]
    min_insync_replicas: Mapping[str, int] = field(default_factory=dict)
    """Topic to its `min.insync.replicas`, the broker's default included; unknown ones missing."""
    groups: tuple[str, ...] | None = None
    """The consumer groups; None where they were not asked for or could not be read."""
    answered_by: int | None = None
    """The id of the broker that answered."""
    cluster: str = ""
    """Kafka's id of the cluster; empty where the broker did not tell."""
    partial: str = ""
    """Why topics of others may be missing here, or nothing: metadata leaves out without a word
    what its reader may not describe."""
    unclean_election: frozenset[str] = frozenset()
    """Topics that allow an unclean election, as far as that is known."""
    voters: Mapping[int, Voter] = field(default_factory=dict)
    """The controllers that vote, by id; none where the cluster does not tell, as without KRaft."""

    def of_topic(self, topic: str) -> Iterator[Partition]:
        """Yield the partitions of one topic."""
        return (partition for partition in self.partitions if partition.topic == topic)

    def recovered(self) -> ClusterSnapshot:
        """Return what the cluster would be with every replica in sync, led as it prefers."""
        whole = (
            replace(each, leader=each.replicas[0], in_sync=each.replicas) if each.replicas else each
            for each in self.partitions
        )
        return replace(self, partitions=tuple(whole))


def known_as(names: Iterable[str]) -> frozenset[str]:
    """Return names and addresses of a machine as they compare: `[FD00::1]` is `fd00::1`.

    A host and a broker are the same machine when they are known under one of them both.
    """
    return frozenset(name.strip("[]").rstrip(".").lower() for name in names)


def coordinating_partition(group: str, partitions: int) -> int:
    """Return the partition of `__consumer_offsets` whose leader coordinates a group; -1 for none.

    It is `Utils.abs(groupId.hashCode) % partitions` in Kafka's GroupCoordinatorService, the hash
    being that of a Java string: 31 times the hash so far plus the next UTF-16 unit, in 32 bits.
    """
    if partitions == 0:
        return -1
    hashed = 0
    units = group.encode("utf-16-be", "surrogatepass")
    for place in range(0, len(units), 2):
        hashed = (31 * hashed + int.from_bytes(units[place : place + 2], "big")) & 0xFFFFFFFF
    signed = hashed - (1 << 32) if hashed >= 1 << 31 else hashed
    # Java's smallest integer has no positive twin; Kafka takes zero for it.
    return (0 if signed == -(1 << 31) else abs(signed)) % partitions
