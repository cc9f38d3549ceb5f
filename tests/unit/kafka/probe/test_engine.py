"""The engine with real clients against librdkafka's mock cluster: groups, and stuck clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import cast

import pytest
from confluent_kafka import Consumer, Producer

from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.cluster.health_watch import HealthPoll
from chaos_runner.kafka.common.messages import NoticeMessage, ProbeMessage, ProbeSettings
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.consuming.consumer import Reader
from chaos_runner.kafka.probe.assembly import make_engine
from chaos_runner.kafka.probe.channel import Channel
from chaos_runner.kafka.probe.engine import Engine
from chaos_runner.kafka.stalls import watchdogs
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Health
from tests.unit.kafka.mock_cluster import MockCluster

TOPIC = "probe"
LIMIT = 30.0
PATIENCE = 2.0
GROUPS: list[Exposure] = [Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE]
QUICK = {"socket.timeout.ms": "1000", "topic.metadata.refresh.interval.ms": "500"}


class Silence:
    """The channel to a run that says nothing, and a health poll without answers."""

    def __init__(self) -> None:
        self.told: list[ProbeMessage] = []

    def start(self) -> None:
        pass

    stop = check = start

    def send(self, message: ProbeMessage) -> None:
        self.told.append(message)

    def take(self) -> list[Health]:
        return []


class Rig:
    """An engine over three partitions, each led by a broker of the mock cluster."""

    def __init__(self, cluster: MockCluster) -> None:
        self.cluster = cluster
        cluster.create_topic(TOPIC, partitions=3)
        settings = ProbeSettings(
            run="engine", bootstrap_servers=cluster.bootstrap, rate=300, size=100, client=QUICK
        )
        client = client_settings(settings.bootstrap_servers, settings.client, settings.rate)
        self.silence = Silence()
        self.notices: list[NoticeMessage] = []
        self.engine: Engine = make_engine(
            settings,
            client,
            TOPIC,
            GROUPS,
            cast("HealthPoll", self.silence),
            cast("Channel", self.silence),
            Notices(self.notices.append, client),
        )

    def run_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT
        while not condition():
            self.engine.tick()
            assert time.monotonic() < deadline, [notice.text for notice in self.notices]

    def acked_ends(self) -> list[int]:
        return [ledger.acked_end for ledger in self.engine.ledger.partitions]

    def positions(self) -> list[int]:
        return [ledger.position for ledger in self.engine.ledger.partitions]

    def flows(self, more: int = 20) -> Callable[[], bool]:
        """Return whether every partition has since then got on by some records, consumed."""
        marks = [position + more for position in self.positions()]
        return lambda: all(map(int.__ge__, self.positions(), marks))


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    cluster = MockCluster()
    yield cluster
    cluster.close()


@pytest.fixture
def elsewhere() -> Iterator[MockCluster]:
    """Return another cluster with a topic of the same name, in which nothing happens."""
    cluster = MockCluster()
    cluster.create_topic(TOPIC, partitions=3)
    yield cluster
    cluster.close()


@pytest.fixture
def rig(cluster: MockCluster) -> Iterator[Rig]:
    rig = Rig(cluster)
    rig.engine.start()
    yield rig
    rig.engine.sender.stop()
    rig.engine.sender.give_up()
    rig.engine.stop()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdogs, "READER_PATIENCE", PATIENCE)
    monkeypatch.setattr(watchdogs, "PRODUCER_PATIENCE", PATIENCE)
    monkeypatch.setattr(watchdogs, "_ASK_EVERY", 0.2)


def test_a_leader_that_is_down_holds_up_its_own_group_alone(rig: Rig) -> None:
    rig.run_until(rig.flows())
    rig.cluster.set_down(1)
    blocked = rig.acked_ends()[0]
    marks = [0, *(end + 100 for end in rig.acked_ends()[1:])]
    rig.run_until(lambda: all(map(int.__ge__, rig.positions(), marks)))
    assert rig.acked_ends()[0] <= blocked + 5
    rig.cluster.set_up(1)
    rig.run_until(rig.flows())
    totals = rig.engine.ledger.buckets.totals(time.monotonic())["warm-up"]
    assert totals.rejected == 0
    assert rig.engine.rebuilt() == {"rebuilt_readers": 0, "rebuilt_producers": 0}


def test_a_reader_that_silently_stands_still_is_rebuilt(
    rig: Rig, elsewhere: MockCluster, impatient: None
) -> None:
    rig.run_until(rig.flows())
    group = rig.engine._groups[1]
    group.reader.stop()
    settings = {"bootstrap.servers": elsewhere.bootstrap, "group.id": "stuck"}
    group.reader = Reader(lambda: Consumer(settings), TOPIC, {1: 0})
    group.reader.start()
    rig.run_until(lambda: rig.engine.rebuilt()["rebuilt_readers"] > 0)
    rig.run_until(rig.flows())
    assert rig.engine.rebuilt() == {"rebuilt_readers": 1, "rebuilt_producers": 0}
    assert any(
        "the reader of partitions replicated on a target" in each.text for each in rig.notices
    )
    rig.run_until(
        lambda: rig.engine.ledger.buckets.totals(time.monotonic())["warm-up"].not_yet_consumed == 0
    )
    assert rig.engine.ledger.buckets.totals(time.monotonic())["warm-up"].duplicates == 0


def test_a_producer_that_finds_no_leader_is_rebuilt(rig: Rig, impatient: None) -> None:
    rig.run_until(rig.flows())
    group_producer = rig.engine._groups[0].group_producer
    good = group_producer._make
    group_producer._make = lambda: Producer({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})
    group_producer.renew()
    group_producer._make = good
    for partition_sender in rig.engine._groups[0].senders.values():
        partition_sender.begin_session()
    rig.run_until(lambda: rig.engine.rebuilt()["rebuilt_producers"] > 0)
    rig.run_until(rig.flows())
    assert rig.engine.rebuilt() == {"rebuilt_readers": 0, "rebuilt_producers": 1}
    totals = rig.engine.ledger.buckets.totals(time.monotonic())["warm-up"]
    assert totals.indeterminate >= 1
    assert group_producer.session == 2


def test_an_outage_beyond_all_patience_rebuilds_nothing(rig: Rig, impatient: None) -> None:
    rig.run_until(rig.flows())
    rig.cluster.set_down(1)
    rig.cluster.set_down(2)
    stop = time.monotonic() + 2 * PATIENCE + 1
    rig.run_until(lambda: time.monotonic() > stop)
    assert rig.engine.rebuilt() == {"rebuilt_readers": 0, "rebuilt_producers": 0}
    rig.cluster.set_up(2)
    rig.cluster.set_up(1)
    rig.run_until(rig.flows())
