"""Senders in front of a producer that acknowledges when the test says so."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import cast

from confluent_kafka import KafkaError, Message, Producer

from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.common.messages import NoticeMessage, ProbeSettings
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.ledger.buckets import Buckets
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.record_header import Identity, unpack
from chaos_runner.kafka.producing.group_producer import GroupProducer
from chaos_runner.kafka.producing.partition_sender import PartitionSender
from chaos_runner.kafka.producing.producer import Sender
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.schedule import Schedule

SETTINGS = ProbeSettings(run="seven", bootstrap_servers="none", size=100)
MILLISECOND = 1_000_000
RATE = 1000

DeliveryCallback = Callable[[KafkaError | None, Message], None]


def acked(value: bytes, offset: int | None) -> Message:
    """Return the message of a delivery report; where no offset was told, librdkafka has -1001."""
    return Message(value=value, offset=-1001 if offset is None else offset)


class Broker:
    """A producer with a queue of `room` records."""

    def __init__(self, room: float = math.inf) -> None:
        self.room = room
        self.values: list[bytes] = []
        self.waiting: list[tuple[int, DeliveryCallback]] = []
        self.fatal = False
        self.refused: set[int] = set()
        """Places in a hand-over that are refused, as if the queue was full at that moment."""
        self.serve: Callable[[], object] = bool
        self._reports: list[Callable[[], None]] = []
        self._purged = False

    def __len__(self) -> int:
        return len(self.waiting)

    def produce_batch(
        self,
        topic: str,
        messages: list[dict[str, object]],
        partition: int,
        callback: DeliveryCallback,
    ) -> int:
        taken = 0
        for place, message in enumerate(messages):
            error = KafkaError._QUEUE_FULL if place in self.refused else self.refusal()
            if error is None:
                self.waiting.append((len(self.values), callback))
                self.values.append(cast("bytes", message["value"]))
                taken += 1
            else:
                message["_error"] = KafkaError(error, "Message failed")
        return taken

    def refusal(self) -> int | None:
        """Return why the next record is refused, if it is."""
        if self.fatal:
            return KafkaError._FATAL
        return KafkaError._QUEUE_FULL if len(self.waiting) >= self.room else None

    def acknowledge(self, count: int) -> None:
        self._report(count, None)

    def acknowledge_as(self, reports: list[tuple[int, int | None]]) -> None:
        """Report the sends that wait, each place among them with an offset, in this order."""
        waiting, self.waiting = self.waiting, []
        for place, offset in reports:
            number, callback = waiting[place]
            message = acked(self.values[number], offset)
            self._reports.append(partial(callback, None, message))
        self.serve()

    def fail(self, count: int) -> None:
        self._report(count, KafkaError(KafkaError._MSG_TIMED_OUT))

    def purge(self) -> None:
        """Report everything when asked next, as librdkafka does."""
        self._purged = True

    def poll(self, timeout: float) -> int:
        if self._purged:
            self._tell(len(self.waiting), KafkaError(KafkaError._PURGE_QUEUE))
        reports, self._reports = self._reports, []
        for report in reports:
            report()
        return len(reports)

    def flush(self, timeout: float) -> int:
        return self.poll(timeout)

    def _report(self, count: int, error: KafkaError | None) -> None:
        """Report the next sends' ends to whoever serves this producer."""
        self._tell(count, error)
        self.serve()

    def _tell(self, count: int, error: KafkaError | None) -> None:
        for _ in range(count):
            offset, callback = self.waiting.pop(0)
            message = acked(self.values[offset], None if error else offset)
            self._reports.append(partial(callback, error, message))


class Rig:
    """One sender, or several, whose slots are a millisecond apart."""

    def __init__(
        self,
        broker: Broker,
        most_in_flight: float = 5,
        most_held: int = 1000,
        senders: int = 1,
        size: int = 100,
        patience: float = 120.0,
        proved: bool = True,
        linger: float = 0.0,
    ) -> None:
        self.broker = broker
        self.brokers = [broker]
        self.now = 0
        self.schedule = Schedule(0, RATE)
        self.schedule.begin_phase("before")
        self.ledger = Ledger(senders, Buckets(start=0.0))
        self.told: list[NoticeMessage] = []
        self.group_producer = GroupProducer(
            Exposure.ALL,
            lambda: cast("Producer", self.brokers.pop(0)),
            "topic",
            SETTINGS.model_copy(update={"size": size}),
            self.schedule,
            self.ledger,
            Notices(self.told.append, client_settings("one", {})),
            most_in_flight=most_in_flight,
            most_held=most_held,
            patience=patience,
            linger=linger,
            clock=lambda: self.now,
        )
        broker.serve = self.serve
        self.senders = [PartitionSender(number, self.group_producer) for number in range(senders)]
        if proved:
            for partition_sender in self.senders:
                partition_sender._proved_session = 0
        self.partition_sender = self.senders[0]
        self.sender = Sender(self.senders, self.schedule)

    def put(self, count: int, later: int = 0) -> None:
        """Let slots come due one by one, and handle each `later` nanoseconds after its instant."""
        for _ in range(count):
            self.sender.send_due(self.schedule.due(self.schedule.next_slot) + later)

    def serve(self) -> None:
        """Serve the producer, and note what came, as the threads of a probe do."""
        self.group_producer.serve()
        self.sender.note_reports()

    @property
    def open_records(self) -> int:
        return self.sender.open_records

    @property
    def totals(self) -> Totals:
        self.sender.note_reports()
        return self.ledger.buckets.totals(0.0)["before"]

    def sent(self) -> list[Identity]:
        run = self.group_producer.run
        return [
            one
            for one in (unpack(value, run, self.group_producer.pad) for value in self.broker.values)
            if isinstance(one, Identity)
        ]
