"""How long a probe may take, and what the other brokers say of a partition."""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import PartitionMetadata

from chaos_runner.kafka.consuming.log_bounds import bounds_of

START_LIMIT = 180.0
FINISH_LIMIT = 180.0
"""Seconds for a probe to begin and to end, on a machine with other load beside it."""


def end_of(servers: str, topic: str, partition: int) -> int:
    """Return the offset at which a partition ends; -1 when nobody tells."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "end-of"})
    try:
        bounds = bounds_of(consumer, topic, partition, 5)
    finally:
        consumer.close()
    return -1 if bounds is None else bounds.end


def partition_state(servers: str, topic: str, partition: int) -> PartitionMetadata | None:
    """Return what the first of these servers to answer says; None when none did.

    The client is a new one each time, so that no broker it learned of earlier is asked.
    """
    admin = AdminClient({"bootstrap.servers": servers})
    try:
        return admin.list_topics(topic, timeout=5).topics[topic].partitions.get(partition)
    except KafkaException:
        return None
