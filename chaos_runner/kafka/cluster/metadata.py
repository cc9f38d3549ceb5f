"""Take a snapshot of the cluster from one metadata answer.

`list_topics` is answered while the controller is away; the `describe_…` requests first look for
one and then wait, so nothing that must answer each second may use them.
"""

from __future__ import annotations

from collections.abc import Iterator

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import ClusterMetadata

from chaos_runner.errors import ProbeError
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, Partition
from chaos_runner.shown import shown_line

MOST_BROKERS = 2_000
"""More than any cluster has; librdkafka keeps a thread for each, in each of a probe's clients."""
MOST_PARTITIONS = 1_000_000
"""Of all topics; about 120 bytes each are told to the run."""


def take_snapshot(admin: AdminClient, limit: float) -> ClusterSnapshot:
    """Ask for all brokers and topics.

    Raises KafkaException when none answers in `limit` s, ProbeError as `require_credible`.
    """
    metadata = admin.list_topics(timeout=limit)
    require_credible(metadata)
    return snapshot_of(metadata)


def require_credible(metadata: ClusterMetadata) -> None:
    """Raise ProbeError for an answer of no real cluster, which nothing here has to keep."""
    hint = "check that the bootstrap servers are those of a Kafka cluster of yours"
    brokers = len(metadata.brokers)
    partitions = sum(len(about.partitions) for about in metadata.topics.values())
    if brokers > MOST_BROKERS or partitions > MOST_PARTITIONS:
        raise ProbeError(
            f"the cluster names {brokers} brokers and {partitions} partitions: more than "
            f"{MOST_BROKERS} and {MOST_PARTITIONS} are not followed",
            hint,
        )
    for name in (*(str(about.host) for about in metadata.brokers.values()), *metadata.topics):
        if shown_line(name) != name:
            raise ProbeError(
                f"a server names {shown_line(name)}, which Kafka has no name for", hint
            )


def snapshot_of(metadata: ClusterMetadata) -> ClusterSnapshot:
    """Return a metadata answer as data of ours."""
    return ClusterSnapshot(
        brokers={
            number: Broker(str(about.host), about.port)
            for number, about in sorted(metadata.brokers.items())
        },
        partitions=tuple(_partitions(metadata)),
        cluster=str(metadata.cluster_id or ""),
        answered_by=metadata.orig_broker_id if metadata.orig_broker_id >= 0 else None,
    )


def _partitions(metadata: ClusterMetadata) -> Iterator[Partition]:
    for topic, about in sorted(metadata.topics.items()):
        for number, partition in sorted(about.partitions.items()):
            replicas, in_sync = tuple(partition.replicas), tuple(partition.isrs)
            yield Partition(topic, number, partition.leader, replicas, in_sync)
