"""Lanes in front of a producer that acknowledges when the test says so."""

from __future__ import annotations

import math
from typing import cast

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from chaos_runner.kafka.buckets import Buckets
from chaos_runner.kafka.client_settings import client_settings
from chaos_runner.kafka.identity import Identity, unpack
from chaos_runner.kafka.lane import DeliveryCallback, Lane
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.measures import Totals
from chaos_runner.kafka.messages import NoticeMessage, ProbeSettings
from chaos_runner.kafka.notices import Notices
from chaos_runner.kafka.outlet import Outlet
from chaos_runner.kafka.producer import Sender
from chaos_runner.kafka.schedule import Schedule

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
        patience: float = 120.0,
        proved: bool = True,
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
            patience=patience,
            linger=0.0,
        )
        self.lanes = [Lane(number, self.outlet) for number in range(lanes)]
        if proved:
            for lane in self.lanes:
                lane._proved_session = 0
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
