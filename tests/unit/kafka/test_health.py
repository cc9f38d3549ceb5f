from __future__ import annotations

from confluent_kafka.admin._metadata import (
    BrokerMetadata,
    ClusterMetadata,
    PartitionMetadata,
    TopicMetadata,
)

from chaos_runner.kafka.health import health_of


def partition(leader: int, replicas: list[int], in_sync: list[int]) -> PartitionMetadata:
    about = PartitionMetadata()
    about.leader, about.replicas, about.isrs = leader, replicas, in_sync
    return about


def topic(*partitions: PartitionMetadata) -> TopicMetadata:
    about = TopicMetadata()
    about.partitions = dict(enumerate(partitions))
    return about


def cluster(brokers: int, **topics: TopicMetadata) -> ClusterMetadata:
    about = ClusterMetadata()
    about.brokers = {number: BrokerMetadata() for number in range(brokers)}
    about.topics = topics
    return about


def test_every_topic_counts_and_in_sync_replicas_have_no_order() -> None:
    metadata = cluster(
        3,
        probe=topic(partition(1, [1, 2, 3], [3, 1, 2]), partition(3, [2, 3, 1], [3, 1])),
        other=topic(partition(-1, [2], [])),
    )
    health = health_of(metadata, "probe", elapsed=7.5)
    assert (health.brokers, health.under_replicated, health.offline) == (3, 2, 1)
    assert health.not_preferred == 1
    assert health.leaders == {"0": 1, "1": 3}
    assert health.elapsed == 7.5


def test_a_topic_that_is_gone_has_no_leaders() -> None:
    assert health_of(cluster(3), "probe", 0.0).leaders == {}
