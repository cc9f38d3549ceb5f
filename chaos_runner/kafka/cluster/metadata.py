"""Take a snapshot of the cluster from one metadata answer.

`list_topics` is answered while the controller is away; the `describe_…` requests first look for
one and then wait, so nothing that must answer each second may use them.
"""

from __future__ import annotations

from collections.abc import Iterator

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import ClusterMetadata

from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, Partition


def take_snapshot(admin: AdminClient, limit: float) -> ClusterSnapshot:
    """Ask for all brokers and topics; raises KafkaException when none answers in `limit` s."""
    return snapshot_of(admin.list_topics(timeout=limit))


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
