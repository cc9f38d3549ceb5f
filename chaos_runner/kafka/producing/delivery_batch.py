"""Follow the records that one client sends to a partition until each send has ended.

Acks that come together are noted together: in a healthy partition they are one run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from confluent_kafka import KafkaError, Message

from chaos_runner.kafka.ledger.record_header import stamps_of
from chaos_runner.kafka.ledger.record_span import NOWHERE, Run, rises_by_one
from chaos_runner.kafka.producing.group_producer import GroupProducer

_FEW = 10
"""Reports of up to so many records are noted together with others, each with its own instant."""


class Reports(NamedTuple):
    """Delivery reports of one partition that were served together."""

    deliveries: Deliveries
    values: list[bytes]
    offsets: list[int | None]
    """Where each of `values` was written; acks=0 brings none."""
    failed: list[tuple[KafkaError, bytes]]


class Deliveries:
    """The delivery callback of what one session sends to one partition.

    It is called in the thread that serves the producer, and only collects; the ledger's thread
    notes what was collected. `ended` is called with the session, and how many of its records were
    acknowledged, and are indeterminate, since the last time.
    """

    __slots__ = (
        "_acked",
        "_arrivals",
        "_ended",
        "_failed",
        "_group_producer",
        "_offsets",
        "_places",
        "_values",
        "ended",
        "partition",
        "session",
    )

    def __init__(
        self, group_producer: GroupProducer, partition: int, ended: Callable[[int, int, int], None]
    ) -> None:
        self._group_producer = group_producer
        self.partition = partition
        self._ended = ended
        self._values: list[bytes] = []
        self._offsets: list[int | None] = []
        self._failed: list[tuple[KafkaError, bytes]] = []
        self._acked: list[bytes] = []
        self._places: list[int | None] = []
        self._arrivals: list[int] = []
        self.session = group_producer.session
        self.ended = 0
        """Records of which a report has come, noted or not."""

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """Take the end of one send."""
        self.ended += 1
        value = message.value() or b""
        if not self._values and not self._failed:
            self._group_producer.reported.append(self)
        if error is not None:
            self._failed.append((error, value))
            return
        self._values.append(value)
        self._offsets.append(message.offset())

    def take(self) -> Reports:
        """Return the reports since the last time; called in the thread that served them."""
        reports = Reports(self, self._values, self._offsets, self._failed)
        self._values, self._offsets, self._failed = [], [], []
        return reports

    def add(self, reports: Reports, now: int) -> None:
        """Take reports that all came at this instant; `note` may have to be called for some."""
        count = len(reports.values)
        if count > _FEW:
            self.note()
            self._note_acks(reports.values, reports.offsets, now, [])
        elif count:
            self._acked += reports.values
            self._places += reports.offsets
            self._arrivals += [now] * count
        if reports.failed:
            self.note()
        for error, value in reports.failed:
            self._note_unknown(error, value, now)

    def note(self) -> None:
        """Note the acks that were added and are not noted yet."""
        if not self._acked:
            return
        acked, places, arrivals = self._acked, self._places, self._arrivals
        self._acked, self._places, self._arrivals = [], [], []
        self._note_acks(acked, places, arrivals[-1], arrivals)

    def _note_acks(
        self, values: list[bytes], offsets: list[int | None], now: int, arrivals: list[int]
    ) -> None:
        for run in self._runs(values, offsets, arrivals):
            self._group_producer.ledger.acked(run, now)
        self._ended(self.session, len(values), 0)

    def _runs(
        self, values: list[bytes], offsets: list[int | None], arrivals: list[int]
    ) -> Iterator[Run]:
        phases, sequences, instants = stamps_of(values)
        # acks=0 brings no offset; the record is then found by its number alone.
        places = [NOWHERE if offset is None else offset for offset in offsets]
        slot = self._group_producer.slot_of(instants[0], phases[0])
        whole = Run(self.partition, sequences[0], places[0], slot, instants, self.session, arrivals)
        in_a_row = rises_by_one(places) or places.count(NOWHERE) == len(places)
        if in_a_row and rises_by_one(sequences) and phases.count(phases[0]) == len(phases):
            yield from whole.by_second(self._group_producer.schedule)
            return
        for at, single in enumerate(whole.singles()):
            slot = self._group_producer.slot_of(instants[at], phases[at])
            yield single._replace(sequence=sequences[at], offset=places[at], slot=slot)

    def _note_unknown(self, error: KafkaError, value: bytes, now: int) -> None:
        group_producer = self._group_producer
        (phase,), (sequence,), (instant,) = stamps_of([value])
        slot = group_producer.slot_of(instant, phase)
        group_producer.ledger.indeterminate(self.partition, sequence, slot, instant, now)
        group_producer.notices.tell(
            "warning",
            f"records may or may not be written: {error.str()}",
            f"unknown {error.name()}",
        )
        self._ended(self.session, 0, 1)
