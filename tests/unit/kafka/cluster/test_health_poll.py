"""The health poll against librdkafka's mock cluster: real requests, real threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from chaos_runner.kafka.cluster.active_controller import ControllerWatch
from chaos_runner.kafka.cluster.health_watch import HealthPoll
from chaos_runner.kafka.cluster.min_isr import MinIsr
from chaos_runner.kafka.common.notices import silent_logger
from chaos_runner.kafka.consumer_groups.commits import LOOK_EVERYWHERE_EVERY
from chaos_runner.kafka.consumer_groups.group_watch import GroupWatch
from chaos_runner.measurements.model import Health
from tests.unit.kafka.mock_cluster import OFFSET_FETCH, MockCluster, running_cluster

PATIENCE = 60.0
TOPIC = "chaos-runner-probe-test"


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    with running_cluster() as running:
        running.create_topic(TOPIC, partitions=1, replicas=3)
        running.set_leader(TOPIC, 0, 1)
        yield running


def admin_of(cluster: MockCluster) -> AdminClient:
    return AdminClient({"bootstrap.servers": cluster.bootstrap}, logger=silent_logger())


def answers_until(poll: HealthPoll, enough: Callable[[Health], bool]) -> list[Health]:
    """Return the answers up to the first one that is enough."""
    found: list[Health] = []
    deadline = time.monotonic() + PATIENCE
    while not found or not enough(found[-1]):
        assert time.monotonic() < deadline, found[-3:]
        for answer in poll.take():
            found.append(answer)
            if enough(answer):
                break
        time.sleep(0.02)
    return found


def test_what_happens_to_the_cluster_shows_in_the_next_answers(cluster: MockCluster) -> None:
    poll = HealthPoll(admin_of(cluster), TOPIC, 1)
    poll.start()
    try:
        first = answers_until(poll, lambda health: health.answered)[-1]
        assert (first.broker_ids, first.leaders, first.leader_moves) == ([1, 2, 3], {"0": 1}, 0)
        cluster.set_leader(TOPIC, 0, 2)
        moved = answers_until(poll, lambda health: health.leaders == {"0": 2})
        assert sum(health.leader_moves for health in moved) == 1
        # A connection of the bootstrap has no id until librdkafka has learnt whose it is.
        assert {health.answered_by for health in moved} <= {None, 1, 2, 3}
        cluster.set_down(3)
        fewer = answers_until(poll, lambda health: health.brokers == 2)[-1]
        assert fewer.broker_ids == [1, 2]
    finally:
        poll.stop()


def test_a_cluster_that_is_gone_leaves_the_last_known_numbers(cluster: MockCluster) -> None:
    poll = HealthPoll(admin_of(cluster), TOPIC, 1)
    poll.start()
    try:
        answers_until(poll, lambda health: health.answered)
        cluster.set_leader(TOPIC, 0, 2)
        answers_until(poll, lambda health: health.leader_moves == 1)
        for broker in (1, 2, 3):
            cluster.set_down(broker)
        silent = answers_until(poll, lambda health: not health.answered)[-1]
        # Nobody saw a change in a silence, and nobody answered it.
        assert (silent.brokers > 0, silent.leader_moves, silent.answered_by) == (True, 0, None)
    finally:
        poll.stop()


class Followed:
    """A watch over the group `payments`, which has ten records to read and commits."""

    def __init__(self, cluster: MockCluster) -> None:
        self._cluster = cluster
        self.produce(TOPIC, 10)
        self.member = self._client_of("payments")
        self.now = 0.0
        self.told: list[str] = []
        self.watch = GroupWatch(
            admin_of(cluster),
            self._client_of,
            ["payments", "nobody"],
            self.told.append,
            clock=lambda: self.now,
        )

    def produce(self, topic: str, count: int) -> None:
        producer = Producer({"bootstrap.servers": self._cluster.bootstrap}, logger=silent_logger())
        for _ in range(count):
            producer.produce(topic, b"x", partition=0)
        assert producer.flush(PATIENCE) == 0

    def commit(self, offset: int, topic: str = TOPIC) -> None:
        self.member.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)

    def _client_of(self, group: str) -> Consumer:
        settings = {"bootstrap.servers": self._cluster.bootstrap, "group.id": group}
        return Consumer(settings, logger=silent_logger())


@pytest.fixture
def followed(cluster: MockCluster) -> Iterator[Followed]:
    group = Followed(cluster)
    yield group
    group.member.close()


def test_the_lag_of_a_group_is_the_end_of_the_log_less_its_commit(followed: Followed) -> None:
    followed.commit(4)
    followed.watch.ask()
    payments = followed.watch.health()["payments"]
    assert (payments.lag, payments.status, payments.behind) == (6, "OK", {})
    followed.commit(2)
    followed.watch.ask()
    payments = followed.watch.health()["payments"]
    assert (payments.lag, payments.status) == (8, "REWIND")
    assert payments.behind == {f"{TOPIC}-0": "REWIND"}
    assert "nobody" not in followed.watch.health()
    assert followed.watch.unanswered() == ["nobody"]
    (told,) = followed.told
    assert told.startswith("consumer group nobody has committed nothing yet")


def test_a_group_that_could_not_be_asked_keeps_its_last_status(
    followed: Followed, cluster: MockCluster
) -> None:
    """With the answer that ends a process whose admin client asks for the commits."""
    followed.commit(4)
    followed.watch.ask()
    followed.commit(5)
    cluster.fail_requests(OFFSET_FETCH, [KafkaError.NOT_COORDINATOR] * 2)
    followed.now = 3.0
    followed.watch.ask()
    kept = followed.watch.health()["payments"]
    assert (kept.lag, kept.age) == (6, 3.0)
    deadline = time.monotonic() + PATIENCE
    while followed.watch.health()["payments"].age:
        assert time.monotonic() < deadline
        followed.watch.ask()
    assert followed.watch.health()["payments"].lag == 5


def test_a_topic_that_a_group_begins_to_read_is_found(
    followed: Followed, cluster: MockCluster
) -> None:
    followed.commit(4)
    followed.watch.ask()
    cluster.create_topic("orders", partitions=1)
    cluster.await_topic("orders")
    followed.produce("orders", 1)
    followed.commit(0, "orders")
    followed.watch.ask()
    assert followed.watch.health()["payments"].lag == 6
    followed.now = LOOK_EVERYWHERE_EVERY
    followed.watch.ask()
    assert followed.watch.health()["payments"].lag == 7


def test_a_deleted_topic_no_longer_counts_as_lag(followed: Followed, cluster: MockCluster) -> None:
    cluster.create_topic("orders", partitions=1)
    cluster.await_topic("orders")
    followed.produce("orders", 3)
    followed.commit(0, "orders")
    followed.commit(4)
    followed.watch.ask()
    assert followed.watch.health()["payments"].lag == 3 + 6
    cluster.delete_topic("orders")
    followed.watch.ask()
    assert followed.watch.health()["payments"].lag == 6


def test_brokers_that_cannot_be_asked_leave_controller_and_limits_unknown(
    cluster: MockCluster,
) -> None:
    """The mock cluster knows neither CreateTopics nor DescribeConfigs, as very old brokers."""
    admin = admin_of(cluster)
    watch, limits = ControllerWatch(admin), MinIsr(admin)
    watch.ask()
    assert watch.health() is None
    limits.want([TOPIC])
    limits.refresh()
    assert limits.known == {}


def test_an_unreachable_controller_is_told_as_absent_with_its_age(cluster: MockCluster) -> None:
    for broker in (1, 2, 3):
        cluster.set_down(broker)
    clock = iter([100.0, 103.0, 107.0])
    watch = ControllerWatch(admin_of(cluster), clock=lambda: next(clock))
    watch.ask()
    health = watch.health()
    assert health is not None
    assert (health.active, health.milliseconds, health.age) == (False, 3000.0, 7.0)
    assert health.reason
