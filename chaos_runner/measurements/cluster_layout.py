"""How a cluster is laid out, as far as it says how robust it can be. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from pydantic import BaseModel, ConfigDict

from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot, Partition

MOST_TOPICS = 100
"""Uneasy topics that are named; the counts are of all."""


class UneasyTopic(BaseModel):
    """A topic whose settings promise less than it seems."""

    model_config = ConfigDict(frozen=True)

    topic: str
    partitions: int
    replicas: int
    """The fewest of any partition."""
    min_insync_replicas: int | None = None
    """None where it is unknown."""
    unclean_election: bool = False
    """Whether a replica that is not in sync may become leader, and cut acknowledged records off."""


class ClusterLayout(BaseModel):
    """The topics and leaders of a cluster at one moment."""

    model_config = ConfigDict(frozen=True)

    topics: int
    leaders: dict[str, int]
    """Broker id to the partitions that it leads; live brokers that lead none have 0."""
    uneasy: list[UneasyTopic] = []
    """The first hundred, by name; internal topics are among them."""
    uneasy_count: int = 0
    partial: str = ""
    """Why topics of others may be missing, or nothing."""
    racks: dict[str, str] = {}
    """Broker id to its `broker.rack`; brokers without one are missing."""
    voters: dict[str, str] = {}
    """Voter of the KRaft quorum to the rack of the broker beside it; those that have none, or of
    which nobody knows, are missing."""
    in_one_rack: dict[str, str] = {}
    """The first hundred topics of which a partition has all its several replicas in one rack of
    several, to that rack."""


def layout_of(cluster: ClusterSnapshot, voters: Mapping[str, Iterable[int]]) -> ClusterLayout:
    """Return how a cluster is laid out; `voters` has each controller with the brokers beside it."""
    topics: dict[str, list[Partition]] = {}
    for partition in cluster.partitions:
        topics.setdefault(partition.topic, []).append(partition)
    leaders = Counter(each.leader for each in cluster.partitions if not each.offline)
    racks = {number: broker.rack for number, broker in cluster.brokers.items() if broker.rack}
    uneasy = [
        found
        for topic, partitions in sorted(topics.items())
        if (found := _uneasy(topic, partitions, cluster)) is not None
    ]
    return ClusterLayout(
        topics=len(topics),
        leaders={str(broker): leaders[broker] for broker in sorted({*cluster.brokers, *leaders})},
        uneasy=uneasy[:MOST_TOPICS],
        uneasy_count=len(uneasy),
        partial=cluster.partial,
        racks={str(broker): rack for broker, rack in sorted(racks.items())},
        voters={
            name: racks[broker]
            for name, brokers in voters.items()
            for broker in brokers
            if broker in racks
        },
        in_one_rack=dict(islice(_in_one_rack(cluster, racks), MOST_TOPICS)),
    )


def _in_one_rack(cluster: ClusterSnapshot, racks: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """Yield the topics that the loss of one rack takes away although they have replicas."""
    if len(set(racks.values())) < 2:
        return
    for each in sorted(cluster.partitions, key=lambda each: (each.topic, each.number)):
        where = {racks.get(broker, "") for broker in each.replicas}
        if len(each.replicas) > 1 and len(where) == 1 and where != {""}:
            yield each.topic, where.pop()


def _uneasy(
    topic: str, partitions: list[Partition], cluster: ClusterSnapshot
) -> UneasyTopic | None:
    replicas = min(len(each.replicas) for each in partitions)
    least = cluster.min_insync_replicas.get(topic)
    unclean = topic in cluster.unclean_election
    if replicas > 1 and not unclean and (least is None or 1 < least < replicas):
        return None
    return UneasyTopic(
        topic=topic,
        partitions=len(partitions),
        replicas=replicas,
        min_insync_replicas=least,
        unclean_election=unclean,
    )
