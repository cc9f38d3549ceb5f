"""Controller, limits and consumer groups of the lab's real Kafka."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chaos_runner.kafka.controller import ControllerWatch
from chaos_runner.kafka.group_watch import GroupWatch
from chaos_runner.kafka.survey_process import survey
from tests.fleet.kafka.conftest import Rig

COORDINATOR_MOVES = {
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
}
"""What a broker says while a group's coordinator moves, as after a test that took a broker away."""


@pytest.fixture
def topic(in_lab: None, servers: str) -> Iterator[str]:
    """Make a topic of one partition with ten records, for the length of the test."""
    name = f"chaos-runner-test-{uuid.uuid4().hex[:8]}"
    admin = AdminClient({"bootstrap.servers": servers})
    limit = {"min.insync.replicas": "2"}
    admin.create_topics([NewTopic(name, 1, 3, config=limit)])[name].result(30)
    producer = Producer({"bootstrap.servers": servers})
    for _ in range(10):
        producer.produce(name, b"x")
    assert producer.flush(60) == 0
    yield name
    admin.delete_topics([name])[name].result(30)


def test_the_active_controller_answers(in_lab: None, servers: str) -> None:
    watch = ControllerWatch(AdminClient({"bootstrap.servers": servers}))
    watch.ask()
    health = watch.health()
    assert health is not None
    assert health.active, health.reason


def test_the_lag_of_a_group(topic: str, servers: str) -> None:
    group = f"{topic}-group"
    consumer = Consumer({"bootstrap.servers": servers, "group.id": group})
    offsets = [TopicPartition(topic, 0, 4)]
    once_coordinated(lambda: consumer.commit(offsets=offsets, asynchronous=False))
    consumer.close()
    admin = AdminClient({"bootstrap.servers": servers})
    watch = GroupWatch(admin, [group])
    deadline = time.monotonic() + 60
    while group not in watch.health():
        assert time.monotonic() < deadline
        watch.ask()
    assert watch.health()[group].lag == 6
    once_coordinated(lambda: admin.delete_consumer_groups([group])[group].result(30))


def once_coordinated(act: Callable[[], object]) -> None:
    """Repeat what a group's coordinator must do until there is one; pass on any other error."""
    deadline = time.monotonic() + 60
    while True:
        try:
            act()
        except KafkaException as error:
            if error.args[0].code() not in COORDINATOR_MOVES or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def test_a_survey_knows_topics_limits_and_addresses(topic: str, servers: str) -> None:
    found = survey(servers, {})
    assert found.least_in_sync[topic] == 2
    (partition,) = found.of_topic(topic)
    assert len(partition.replicas) == 3
    assert found.groups is not None
    assert all(broker.addresses for broker in found.brokers.values())


def test_the_probe_tells_controller_and_limits(new_rig: Callable[..., Rig]) -> None:
    rig = new_rig()
    rig.probe.start(timeout=30)
    deadline = time.monotonic() + 60
    while not any(health.controller and health.controller.active for health in rig.heard.health):
        assert time.monotonic() < deadline, rig.heard.health[-1:]
        rig.probe.raise_if_dead()
        time.sleep(0.2)
    newest = rig.heard.health[-1]
    assert newest.under_min_isr is not None
    assert len(newest.broker_ids) == newest.brokers
