"""The lane in front of a producer that acknowledges when the test says so."""

from __future__ import annotations

import math
from typing import cast

import pytest
from confluent_kafka import KafkaError, Message, Producer

from chaos_runner.kafka.buckets import Buckets, Slot
from chaos_runner.kafka.client_settings import client_settings
from chaos_runner.kafka.identity import Identity, padding, unpack
from chaos_runner.kafka.lane import DeliveryCallback, Due, Lane, Outlet
from chaos_runner.kafka.latency import percentile
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.measures import Totals
from chaos_runner.kafka.messages import NoticeMessage
from chaos_runner.kafka.notices import Notices

RUN = 7
MILLISECOND = 1_000_000


class Acked:
    """Be the message of a delivery report."""

    def __init__(self, offset: int | None, latency: float) -> None:
        self._offset, self._latency = offset, latency

    def offset(self) -> int | None:
        return self._offset

    def latency(self) -> float:
        return self._latency


class Broker:
    """Be a producer with a queue of `room` records."""

    def __init__(self, room: float = math.inf) -> None:
        self.room = room
        self.values: list[bytes] = []
        self.waiting: list[DeliveryCallback] = []

    def produce(
        self, topic: str, value: bytes, key: None, partition: int, callback: DeliveryCallback
    ) -> None:
        if len(self.waiting) >= self.room:
            raise BufferError("Local: Queue full")
        self.values.append(value)
        self.waiting.append(callback)

    def acknowledge(self, count: int) -> None:
        for _ in range(count):
            offset = len(self.values) - len(self.waiting)
            self.waiting.pop(0)(None, cast("Message", Acked(offset, 0.004)))

    def fail(self, count: int) -> None:
        for _ in range(count):
            error = KafkaError(KafkaError._MSG_TIMED_OUT)
            self.waiting.pop(0)(error, cast("Message", Acked(None, 0.0)))


class Rig:
    def __init__(
        self, broker: Broker, most_unacknowledged: float = 5, most_held: int = 1000
    ) -> None:
        self.broker = broker
        self.ledger = Ledger(1, Buckets(start=0.0))
        self.told: list[NoticeMessage] = []
        notices = Notices(self.told.append, client_settings("one", {}))
        outlet = Outlet(
            cast("Producer", broker),
            "topic",
            RUN,
            padding(100),
            self.ledger,
            notices,
            most_unacknowledged,
            most_held,
        )
        self.lane = Lane(0, outlet)

    def put(self, count: int, now: int = 0) -> None:
        for _ in range(count):
            self.lane.put(Due(instant=0, slot=Slot(0, "before"), phase=0))
            self.lane.hand_over(now)

    @property
    def totals(self) -> Totals:
        return self.ledger.buckets.totals()["before"]


def test_records_beyond_five_unacknowledged_wait_and_then_go_all_at_once() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(20)
    assert (len(broker.values), rig.lane.open_records) == (5, 20)
    broker.acknowledge(1)
    rig.lane.hand_over(0)
    assert len(broker.values) == 20
    broker.acknowledge(19)
    assert rig.lane.open_records == 0
    assert (rig.totals.scheduled, rig.totals.acked) == (20, 20)


def test_a_producer_without_idempotence_takes_everything_at_once() -> None:
    broker = Broker()
    Rig(broker, most_unacknowledged=math.inf).put(50)
    assert len(broker.values) == 50


def test_order_and_numbers_survive_the_waiting() -> None:
    broker = Broker()
    rig = Rig(broker)
    for _ in range(10):
        rig.put(7)
        broker.acknowledge(len(broker.waiting))
    rig.lane.hand_over(0)
    identities = [unpack(value, RUN) for value in broker.values]
    numbers = [one.sequence for one in identities if isinstance(one, Identity)]
    assert numbers == list(range(70))


def test_the_wait_counts_into_the_ack_latency() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(1, now=30 * MILLISECOND)
    broker.acknowledge(1)
    assert percentile(rig.totals.ack, 50) == pytest.approx(34, rel=1 / 64)


def test_a_refused_record_spends_no_number() -> None:
    broker = Broker(room=2)
    rig = Rig(broker)
    rig.put(3)
    assert (rig.totals.scheduled, rig.totals.rejected) == (3, 1)
    broker.acknowledge(2)
    rig.put(1)
    last = unpack(broker.values[-1], RUN)
    assert isinstance(last, Identity)
    assert last.sequence == 2
    assert "takes no more records: Local: Queue full" in rig.told[0].text


def test_a_full_lane_rejects() -> None:
    rig = Rig(Broker(), most_held=10)
    rig.put(20)
    assert (rig.totals.rejected, rig.lane.open_records) == (5, 15)


def test_a_failed_send_is_unknown_and_makes_room() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(6)
    broker.fail(5)
    rig.lane.hand_over(0)
    assert (rig.totals.unknown, len(broker.values)) == (5, 6)
    assert "may or may not be written" in rig.told[0].text


def test_giving_up_rejects_what_was_never_handed_over() -> None:
    rig = Rig(Broker())
    rig.put(8)
    rig.lane.give_up()
    assert (rig.totals.rejected, rig.totals.pending) == (3, 5)
