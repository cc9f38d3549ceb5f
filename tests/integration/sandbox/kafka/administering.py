"""What an administrator does with a cluster, in a process of its own inside its namespace.

`python -m … QUESTION` reads the arguments as a JSON list and prints the answer as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
)
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic
from kafka import KafkaAdminClient
from kafka import TopicPartition as KafkaPartition

from tests.integration.sandbox.kafka.small_cluster import SERVER
from tests.waiting import wait_until

ADMIN = AdminClient({"bootstrap.servers": SERVER})
DYNAMIC = {ConfigSource.DYNAMIC_BROKER_CONFIG, ConfigSource.DYNAMIC_TOPIC_CONFIG}


def make_topic(name: str, partitions: int, replicas: int) -> None:
    """Make a topic."""
    ADMIN.create_topics([NewTopic(name, partitions, replicas)])[name].result(60)


def throttles(brokers: int, topic: str) -> dict[str, str]:
    """Return what is set itself of replication throttles on brokers and a topic."""
    found = {}
    places = [(ResourceType.BROKER, str(number)) for number in range(1, brokers + 1)]
    for kind, name in [*places, (ResourceType.TOPIC, topic)]:
        (answer,) = ADMIN.describe_configs([ConfigResource(kind, name)]).values()
        for key, entry in answer.result(60).items():
            if "throttled" in key and ConfigSource(entry.source) in DYNAMIC:
                found[f"{name} {key}"] = entry.value
    return found


def set_config(kind: str, name: str, key: str, value: str | None) -> None:
    """Set a configuration, or delete what is set."""
    operation = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
    entry = ConfigEntry(key, value, incremental_operation=operation)
    resource = ConfigResource(ResourceType[kind], name, incremental_configs=[entry])
    ADMIN.incremental_alter_configs([resource])[resource].result(60)


def in_sync(topic: str) -> list[int]:
    """Return how many replicas of each partition are in sync."""
    partitions = ADMIN.list_topics(timeout=30).topics[topic].partitions
    return [len(partitions[number].isrs) for number in sorted(partitions)]


def leaders(topic: str) -> list[int]:
    """Return the leader of each partition."""
    partitions = ADMIN.list_topics(timeout=30).topics[topic].partitions
    return [partitions[number].leader for number in sorted(partitions)]


def replicas(topic: str) -> list[list[int]]:
    """Return the replicas of each partition, in their order."""
    partitions = ADMIN.list_topics(timeout=30).topics[topic].partitions
    return [list(partitions[number].replicas) for number in sorted(partitions)]


def produce(topic: str, mebibytes: int) -> None:
    """Fill a topic, evenly over its partitions, acknowledged by the leaders alone."""
    producer = Producer({"bootstrap.servers": SERVER, "acks": 1, "compression.type": "none"})
    for _ in range(mebibytes * 4):
        producer.produce(topic, bytes(256 * 1024 - 1024))
        producer.poll(0.01)
    assert producer.flush(60) == 0


def send_numbered(topic: str, name: str, count: int) -> list[str]:
    """Send so many records, each with an id of its own; return the ids."""
    producer = Producer({"bootstrap.servers": SERVER, "acks": "all"})
    sent = [f"{name}-{number}" for number in range(count)]
    for each in sent:
        producer.produce(topic, each.encode(), key=each.encode())
    assert producer.flush(60) == 0
    return sent


def prefer_another(topic: str) -> None:
    """Turn the replicas of each partition round, so that its leader is not the preferred one."""
    admin = KafkaAdminClient(bootstrap_servers=SERVER)
    orders = dict(enumerate(replicas(topic)))
    wanted = {KafkaPartition(topic, number): order[::-1] for number, order in orders.items()}
    assert not any(admin.alter_partition_reassignments(wanted).values())
    admin.close()
    wait_until(lambda: replicas(topic) == [order[::-1] for order in orders.values()])


QUESTIONS: dict[str, Callable[..., object]] = {
    each.__name__: each
    for each in (
        make_topic,
        throttles,
        set_config,
        in_sync,
        leaders,
        replicas,
        produce,
        send_numbered,
        prefer_another,
    )
}

if __name__ == "__main__":
    print(json.dumps(QUESTIONS[sys.argv[1]](*json.load(sys.stdin))))
