"""Use a topic that somebody else made: its partitions as they are, from its present end on.

It is never deleted, and records of others in it are none of the probe's business: its own carry
their identity.
"""

from __future__ import annotations

from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.cluster.connection import words_of
from chaos_runner.kafka.consuming.log_bounds import bounds_of
from chaos_runner.shown import shown_line

MOST_PARTITIONS = 2_000
"""Of the probe's topic: each is sent to, read, and told of; a cluster has as many brokers."""
_CLEANUP = "cleanup.policy"


@dataclass(frozen=True)
class ExistingTopic:
    """What the topic is like at the start."""

    placement: list[list[int]]
    """Per partition its replicas, the preferred leader first."""
    leaders: list[int]
    """Per partition who leads it, which need not be the preferred leader."""
    starts: list[int]
    """Per partition the offset that its next record will get."""


def look_at_topic(
    admin: AdminClient, consumer: Consumer, topic: str, limit: float
) -> ExistingTopic:
    """Return how a topic lies; raise ProbeError when the probe cannot use it."""
    placement, leaders = _placement(admin, topic, limit)
    _refuse_compaction(admin, topic, limit)
    starts: list[int] = []
    for partition in range(len(placement)):
        bounds = bounds_of(consumer, topic, partition, limit)
        if bounds is None:
            raise ProbeError(
                f"nobody tells where partition {partition} of the topic {topic} ends",
                "check that it has a leader, and that the probe's user may read it",
            )
        starts.append(bounds.end)
    return ExistingTopic(placement, leaders, starts)


def _placement(admin: AdminClient, topic: str, limit: float) -> tuple[list[list[int]], list[int]]:
    """Return per partition its replicas, and its leader."""
    try:
        about = admin.list_topics(topic, timeout=limit).topics[topic]
    except KafkaException as error:
        raise _unusable(topic, words_of(error)) from error
    if about.error is not None:
        raise _unusable(topic, shown_line(str(about.error.str())), about.error.code())
    if len(about.partitions) > MOST_PARTITIONS:
        raise _unusable(
            topic,
            f"it has {len(about.partitions)} partitions, and at most {MOST_PARTITIONS} may be",
        )
    partitions = [partition for _, partition in sorted(about.partitions.items())]
    placement = [list(partition.replicas) for partition in partitions]
    if not placement or sorted(about.partitions) != list(range(len(placement))):
        raise _unusable(topic, "it has no partitions, or the broker does not know all of them")
    return placement, [partition.leader for partition in partitions]


def _refuse_compaction(admin: AdminClient, topic: str, limit: float) -> None:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    try:
        entries = admin.describe_configs([resource], request_timeout=limit)[resource].result()
    except KafkaException:
        return  # not allowed to look; the broker refuses records without a key by itself
    policy = entries.get(_CLEANUP)
    if policy is not None and "compact" in str(policy.value):
        raise _unusable(topic, "it is compacted, and the probe's records have no key")


def _unusable(topic: str, why: str, code: int = KafkaError.NO_ERROR) -> ProbeError:
    hint = "make a topic for the probe with as many partitions as brokers, cleanup.policy=delete"
    if code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        hint = "allow the probe's user Describe, Read and Write on it"
    return ProbeError(f"the topic {topic} of `probe.topic` cannot be used: {why}", hint)
