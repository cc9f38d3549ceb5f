"""Follow the records of one hand-over until each send has ended.

Acks that come together are noted together: in a healthy partition they are one run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from confluent_kafka import KafkaError, Message

from chaos_runner.kafka.identity import stamps_of
from chaos_runner.kafka.outlet import Outlet
from chaos_runner.kafka.runs import NOWHERE, Run, rises_by_one


class Request:
    """Be the delivery callback of records that were handed over at once.

    `ended` is called with the request, and how many of its records were acknowledged, and are
    unknown, since the last time.
    """

    __slots__ = ("_ended", "_offsets", "_outlet", "_partition", "_values", "open", "session")

    def __init__(
        self, outlet: Outlet, partition: int, ended: Callable[[Request, int, int], None]
    ) -> None:
        self._outlet = outlet
        self._partition = partition
        self._ended = ended
        self._values: list[bytes] = []
        self._offsets: list[int | None] = []
        self.session = outlet.session
        self.open = 0
        """Records whose end is yet to come."""

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """Take the end of one send."""
        value = message.value() or b""
        if error is not None:
            self._note_unknown(error, value)
            return
        if not self._values:
            self._outlet.acknowledged.append(self)
        self._values.append(value)
        self._offsets.append(message.offset())

    def note_acks(self, now: int) -> None:
        """Note the acks that have come since the last time, all at this instant."""
        values, offsets = self._values, self._offsets
        self._values, self._offsets = [], []
        for run in self._runs(values, offsets):
            self._outlet.ledger.acked(run, now)
        self._end(acked=len(values))

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

    def _note_unknown(self, error: KafkaError, value: bytes) -> None:
        outlet = self._outlet
        (phase,), (sequence,), (instant,) = stamps_of([value])
        slot = outlet.slot_of(instant, phase)
        outlet.ledger.unknown(self._partition, sequence, slot, instant, outlet.clock())
        outlet.notices.tell(
            "warning",
            f"records may or may not be written: {error.str()}",
            f"unknown {error.name()}",
        )
        self._end(unknown=1)

    def _end(self, acked: int = 0, unknown: int = 0) -> None:
        self.open -= acked + unknown
        self._ended(self, acked, unknown)
