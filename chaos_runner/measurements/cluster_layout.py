"""How a cluster is laid out, as far as it says how robust it can be. Pure."""

from __future__ import annotations

from collections import Counter

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


def layout_of(cluster: ClusterSnapshot) -> ClusterLayout:
    """Return how a cluster is laid out."""
    topics: dict[str, list[Partition]] = {}
    for partition in cluster.partitions:
        topics.setdefault(partition.topic, []).append(partition)
    leaders = Counter(each.leader for each in cluster.partitions if not each.offline)
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
    )


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
