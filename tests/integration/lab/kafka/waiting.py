"""Wait for what a test needs, and say what it was when it does not come."""

from __future__ import annotations

import time
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import PartitionMetadata

from chaos_runner.kafka.consuming.log_bounds import bounds_of
from tests.integration.lab.kafka.conftest import Rig

START_LIMIT = 180.0
FINISH_LIMIT = 180.0
"""Seconds for a probe to begin and to end, on a machine with other load beside it."""
_POLL_SECONDS = 0.5
"""Seldom: each look may make a client of its own, on a machine that has other things to do."""


def wait_until(condition: Callable[[], bool], limit: float, what: str, rig: Rig) -> None:
    """Wait until a condition holds; fail after `limit` seconds, or when the probe is dead."""
    deadline = time.monotonic() + limit
    while not condition():
        rig.probe.raise_if_dead()
        assert time.monotonic() < deadline, f"not within {limit:g} s: {what}; {rig.heard.notices}"
        time.sleep(_POLL_SECONDS)


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
