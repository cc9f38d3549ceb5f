"""The lane in front of a producer that acknowledges when the test says so."""

from __future__ import annotations

import math
from typing import cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from chaos_runner.kafka.buckets import Buckets
from chaos_runner.kafka.client_settings import client_settings
from chaos_runner.kafka.identity import Identity, unpack
from chaos_runner.kafka.lane import DeliveryCallback, Lane
from chaos_runner.kafka.latency import percentile
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.measures import Totals
from chaos_runner.kafka.messages import NoticeMessage, ProbeSettings
from chaos_runner.kafka.notices import Notices
from chaos_runner.kafka.outlet import Outlet
from chaos_runner.kafka.producer import Sender
from chaos_runner.kafka.schedule import NANOSECONDS, Schedule

SETTINGS = ProbeSettings(run="seven", bootstrap_servers="none", size=100)
MILLISECOND = 1_000_000
RATE = 1000


class Acked:
    """Be the message of a delivery report."""

    def __init__(self, value: bytes, offset: int | None, latency: float) -> None:
        self._value, self._offset, self._latency = value, offset, latency

    def value(self) -> bytes:
        return self._value

    def offset(self) -> int | None:
        return self._offset

    def latency(self) -> float:
        return self._latency


class Broker:
    """Be a producer with a queue of `room` records."""

    def __init__(self, room: float = math.inf) -> None:
        self.room = room
        self.values: list[bytes] = []
        self.waiting: list[tuple[int, DeliveryCallback]] = []
        self.fatal = False

    def __len__(self) -> int:
        return len(self.waiting)

    def produce(
        self, topic: str, value: bytes, key: None, partition: int, callback: DeliveryCallback
    ) -> None:
        if self.fatal:
            raise KafkaException(KafkaError(KafkaError._FATAL))
        if len(self.waiting) >= self.room:
            raise BufferError("Local: Queue full")
        self.waiting.append((len(self.values), callback))
        self.values.append(value)

    def acknowledge(self, count: int) -> None:
        for _ in range(count):
            offset, callback = self.waiting.pop(0)
            callback(None, cast("Message", Acked(self.values[offset], offset, 0.004)))

    def fail(self, count: int) -> None:
        for _ in range(count):
            offset, callback = self.waiting.pop(0)
            error = KafkaError(KafkaError._MSG_TIMED_OUT)
            callback(error, cast("Message", Acked(self.values[offset], None, 0.0)))

    def purge(self) -> None:
        """Report everything when asked next, as librdkafka does."""

    def poll(self, timeout: float) -> int:
        count = len(self.waiting)
        self.fail(count)
        return count


class Rig:
    """Hold one lane, or several, whose slots are a millisecond apart."""

    def __init__(
        self,
        broker: Broker,
        most_requests: float = 5,
        most_held: int = 1000,
        lanes: int = 1,
        size: int = 100,
    ) -> None:
        self.broker = broker
        self.brokers = [broker]
        self.schedule = Schedule(0, RATE)
        self.schedule.begin_phase("before")
        self.ledger = Ledger(lanes, Buckets(start=0.0))
        self.told: list[NoticeMessage] = []
        self.outlet = Outlet(
            "",
            lambda: cast("Producer", self.brokers.pop(0)),
            "topic",
            SETTINGS.model_copy(update={"size": size}),
            self.schedule,
            self.ledger,
            Notices(self.told.append, client_settings("one", {})),
            most_requests=most_requests,
            most_held=most_held,
        )
        self.lanes = [Lane(number, self.outlet) for number in range(lanes)]
        self.lane = self.lanes[0]
        self.sender = Sender(self.lanes, self.schedule)

    def put(self, count: int, later: int = 0) -> None:
        """Let slots come due one by one, and handle each `later` nanoseconds after its instant."""
        for _ in range(count):
            self.sender.send_due(self.schedule.due(self.schedule.next_slot) + later)

    @property
    def open_records(self) -> int:
        return self.sender.open_records

    @property
    def totals(self) -> Totals:
        return self.ledger.buckets.totals(0.0)["before"]

    def sent(self) -> list[Identity]:
        run = self.outlet.run
        return [
            one
            for one in (unpack(value, run) for value in self.broker.values)
            if isinstance(one, Identity)
        ]


def test_records_beyond_five_requests_wait_and_then_go_all_at_once() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(20)
    assert (len(broker.values), rig.open_records) == (5, 20)
    broker.acknowledge(1)
    rig.lane.hand_over(0)
    assert len(broker.values) == 20
    broker.acknowledge(19)
    assert rig.open_records == 0
    assert (rig.totals.scheduled, rig.totals.acked) == (20, 20)


def test_a_hand_over_makes_room_only_when_all_of_it_has_ended() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(20)
    broker.acknowledge(1)
    rig.put(1)
    assert len(broker.values) == 21
    rig.put(1)
    broker.acknowledge(19)
    rig.lane.hand_over(0)
    assert len(broker.values) == 22


def test_a_hand_over_fits_into_one_request() -> None:
    broker = Broker()
    rig = Rig(broker, size=200_000)
    rig.put(5)
    rig.put(11)
    broker.acknowledge(1)
    rig.lane.hand_over(0)
    assert len(broker.values) == 5 + 4
    broker.acknowledge(1)
    rig.lane.hand_over(0)
    assert len(broker.values) == 5 + 4 + 4


def test_a_producer_without_idempotence_takes_everything_at_once() -> None:
    broker = Broker()
    Rig(broker, most_requests=math.inf).put(50)
    assert len(broker.values) == 50


def test_order_and_numbers_survive_the_waiting() -> None:
    broker = Broker()
    rig = Rig(broker)
    for _ in range(10):
        rig.put(7)
        broker.acknowledge(len(broker.waiting))
    rig.lane.hand_over(0)
    identities = rig.sent()
    assert [one.sequence for one in identities] == list(range(70))
    assert [one.scheduled for one in identities] == [slot * MILLISECOND for slot in range(70)]


def test_the_wait_counts_into_the_ack_latency() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(1, later=30 * MILLISECOND)
    broker.acknowledge(31)
    assert percentile(rig.totals.ack, 100) == pytest.approx(34, rel=1 / 64)
    assert percentile(rig.totals.ack, 0) == pytest.approx(4, rel=1 / 64)


def test_a_refused_record_spends_no_number() -> None:
    broker = Broker(room=2)
    rig = Rig(broker)
    rig.put(3)
    assert (rig.totals.scheduled, rig.totals.rejected) == (3, 1)
    broker.acknowledge(2)
    rig.put(1)
    assert rig.sent()[-1].sequence == 2
    assert "takes no more records: Local: Queue full" in rig.told[0].text


def test_a_full_lane_rejects() -> None:
    rig = Rig(Broker(), most_held=10)
    rig.put(20)
    assert (rig.totals.rejected, rig.open_records) == (5, 15)


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


def test_each_lane_gets_every_so_many_th_slot_however_they_come() -> None:
    broker = Broker()
    rig = Rig(broker, most_requests=math.inf, lanes=3)
    for later in (0, 1, 10, 4, 0, 2):
        rig.put(1, later * MILLISECOND)
    instants = {one.scheduled: one.partition for one in rig.sent()}
    assert instants == {slot * MILLISECOND: slot % 3 for slot in range(rig.schedule.next_slot)}


def test_a_stall_is_counted_in_the_seconds_it_took_records_from() -> None:
    rig = Rig(Broker(), most_requests=math.inf)
    rig.sender.send_due(int(2.5 * NANOSECONDS))
    counted = [(each.second, each.scheduled) for each in rig.ledger.buckets.take_changed(0.0)]
    assert counted == [(0, 1000), (1, 1000), (2, 501)]


def test_lateness_counts_the_records_that_were_due_too_long_ago() -> None:
    rig = Rig(Broker(), most_requests=math.inf)
    rig.sender.send_due(200 * MILLISECOND)
    lateness = rig.sender.take_lateness()
    assert (lateness.sends, lateness.late, lateness.most) == (201, 151, 200.0)
    rig.put(10)
    lateness = rig.sender.take_lateness()
    assert (lateness.sends, lateness.late, lateness.most) == (10, 0, 0.0)


def test_a_new_producer_begins_a_session_and_leaves_open_records_unknown() -> None:
    old, new = Broker(), Broker()
    rig = Rig(old)
    rig.brokers.append(new)
    rig.put(8)
    rig.outlet.renew()
    rig.lane.begin_session()
    rig.lane.hand_over(0)
    assert (len(old.values), len(new.values)) == (5, 3)
    rig.broker = new
    assert {(one.session, one.sequence) for one in rig.sent()} == {(1, 5), (1, 6), (1, 7)}
    rig.put(4)
    assert len(new.values) == 7
    new.acknowledge(7)
    rig.outlet.serve()
    assert (rig.totals.unknown, rig.totals.acked, rig.open_records) == (5, 7, 0)


def test_a_fatal_error_is_kept_until_a_new_producer_is_there() -> None:
    old, new = Broker(), Broker()
    rig = Rig(old)
    rig.brokers.append(new)
    old.fatal = True
    rig.put(3)
    assert (rig.totals.rejected, bool(rig.outlet.fatal)) == (3, True)
    rig.outlet.renew()
    rig.lane.begin_session()
    rig.put(2)
    assert (len(new.values), rig.totals.rejected, rig.outlet.fatal) == (2, 3, "")
