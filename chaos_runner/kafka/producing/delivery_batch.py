"""Follow the records of one hand-over until each send has ended.

Acks that come together are noted together: in a healthy partition they are one run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from confluent_kafka import KafkaError, Message

from chaos_runner.kafka.ledger.record_header import stamps_of
from chaos_runner.kafka.ledger.record_span import NOWHERE, Run, rises_by_one
from chaos_runner.kafka.producing.group_producer import GroupProducer


class Reports(NamedTuple):
    """Delivery reports of one request that were served together."""

    request: Request
    values: list[bytes]
    offsets: list[int | None]
    """Where each of `values` was written; acks=0 brings none."""
    failed: list[tuple[KafkaError, bytes]]


class Request:
    """The delivery callback of records that were handed over at once.

    It is called in the thread that serves the producer, and only collects; the ledger's thread
    notes what was collected. `ended` is called with the request, and how many of its records were
    acknowledged, and are unknown, since the last time.
    """

    __slots__ = (
        "_ended",
        "_failed",
        "_offsets",
        "_outlet",
        "_partition",
        "_values",
        "open",
        "session",
    )

    def __init__(
        self, outlet: GroupProducer, partition: int, ended: Callable[[Request, int, int], None]
    ) -> None:
        self._outlet = outlet
        self._partition = partition
        self._ended = ended
        self._values: list[bytes] = []
        self._offsets: list[int | None] = []
        self._failed: list[tuple[KafkaError, bytes]] = []
        self.session = outlet.session
        self.open = 0
        """Records whose end is yet to come."""

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """Take the end of one send."""
        value = message.value() or b""
        if not self._values and not self._failed:
            self._outlet.reported.append(self)
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

    def note(self, reports: Reports, now: int) -> None:
        """Note reports that all came at this instant."""
        if reports.values:
            for run in self._runs(reports.values, reports.offsets):
                self._outlet.ledger.acked(run, now)
            self._end(acked=len(reports.values))
        for error, value in reports.failed:
            self._note_unknown(error, value, now)

    def _runs(self, values: list[bytes], offsets: list[int | None]) -> Iterator[Run]:
        phases, sequences, instants = stamps_of(values)
        # acks=0 brings no offset; the record is then found by its number alone.
        places = [NOWHERE if offset is None else offset for offset in offsets]
        in_a_row = rises_by_one(places) or places.count(NOWHERE) == len(places)
        if in_a_row and rises_by_one(sequences) and phases.count(phases[0]) == len(phases):
            slot = self._outlet.slot_of(instants[0], phases[0])
            whole = Run(self._partition, sequences[0], places[0], slot, instants)
            yield from whole.by_second(self._outlet.schedule)
            return
        for phase, sequence, place, instant in zip(
            phases, sequences, places, instants, strict=True
        ):
            slot = self._outlet.slot_of(instant, phase)
            yield Run(self._partition, sequence, place, slot, (instant,))

    def _note_unknown(self, error: KafkaError, value: bytes, now: int) -> None:
        outlet = self._outlet
        (phase,), (sequence,), (instant,) = stamps_of([value])
        slot = outlet.slot_of(instant, phase)
        outlet.ledger.unknown(self._partition, sequence, slot, instant, now)
        outlet.notices.tell(
            "warning",
            f"records may or may not be written: {error.str()}",
            f"unknown {error.name()}",
        )
        self._end(unknown=1)

    def _end(self, acked: int = 0, unknown: int = 0) -> None:
        self.open -= acked + unknown
        self._ended(self, acked, unknown)
