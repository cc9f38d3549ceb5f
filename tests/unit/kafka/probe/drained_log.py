"""A log that is made up, and what drains it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from chaos_runner.kafka.consuming.consumer import Reading
from chaos_runner.kafka.consuming.ingest import enter
from chaos_runner.kafka.consuming.log_bounds import Bounds
from chaos_runner.kafka.consuming.second_reader import InconclusiveSearchError, SecondReader
from chaos_runner.kafka.ledger.buckets import Buckets, Slot
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.record_header import HEADER_BYTES, Identity, padding
from chaos_runner.kafka.probe.drain import Drain
from chaos_runner.kafka.probe.engine import Engine
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.schedule import Schedule
from tests.unit.kafka.ledger.records import one, pack

RUN = 7


RECORDS = 5


SCHEDULE = Schedule(0, 100, phases=["during"])


SLOT = Slot(0, "during")


STRANGER = b"what others wrote"


WITHDRAWN = (
    "partition 0: its log was cut off, and 2 records that had been consumed before do not stand "
    "in it any more"
)


Stored = int | bytes | None
"""What stands at an offset: a sequence number, a stranger's value, or nothing."""


def reading(offset: int, stored: Stored) -> Reading:
    value = (
        pack(Identity(RUN, 0, stored, 0, 0), padding(HEADER_BYTES))
        if isinstance(stored, int)
        else stored
    )
    return Reading(0, (offset,), (value,), 1_000_000, -1)


@dataclass
class Log:
    """The partition as the second reader finds it."""

    stored: list[Stored]
    end: int | None
    low: int = 0
    fails: str = ""
    limits: list[float] = field(default_factory=list)

    def bounds(self, partition: int, limit: float = 2.0) -> Bounds | None:
        self.limits.append(limit)
        return None if self.end is None else Bounds(self.low, self.end)

    def read(
        self, partition: int, first: int, end: int, acked_end: int, deadline: float
    ) -> Iterator[Reading]:
        assert deadline > time.monotonic()
        if self.fails:
            raise InconclusiveSearchError(self.fails)
        for offset in range(max(first, self.low), len(self.stored)):
            if self.stored[offset] is not None:
                yield reading(offset, self.stored[offset])


@dataclass
class Told:
    texts: list[str] = field(default_factory=list)

    def tell(self, level: str, text: str, kind: str = "") -> None:
        self.texts.append(text)


class Sends:
    """A sender whose records are all acknowledged, but for those still in flight."""

    def __init__(self) -> None:
        self.open_records = 0
        self.gave_up = False

    def stop(self) -> None:
        pass

    def give_up(self) -> None:
        self.gave_up = True


class Loop:
    """The engine: each tick the first reader reads one more offset of what it can see."""

    def __init__(self, reads: list[Stored], acks: list[int | None] | None = None) -> None:
        self.ledger = Ledger(1, Buckets(start=0.0))
        self.sender = Sends()
        self.notices = Told()
        self.blind: dict[int, str] = {}
        self.reads = reads
        self.offset = 0
        for number, offset in enumerate(range(RECORDS) if acks is None else acks):
            self.ledger.scheduled(0, SLOT, 0)
            self.ledger.accepted(0)
            if offset is None:
                self.ledger.indeterminate(0, number, SLOT, 0, 1_000_000)
            else:
                self.ledger.acked(one(number, offset, SLOT), 1_000_000)

    def tick(self) -> None:
        if self.offset < len(self.reads):
            stored = self.reads[self.offset]
            if stored is None:
                self.ledger.pass_by(0, self.offset)
            else:
                self.note_reading(reading(self.offset, stored))
            self.offset += 1

    def note_reading(self, read: Reading, *, missed: bool = False) -> None:
        enter(self.ledger, SCHEDULE, RUN, padding(HEADER_BYTES), read, missed=missed)

    def tell_changed(self) -> None:
        pass


def drain(loop: Loop, log: Log, limit: float = 0.3) -> tuple[Totals, list[str]]:
    drained = Drain(cast("Engine", loop), cast("SecondReader", log), limit)
    drained.run()
    return loop.ledger.buckets.totals(1.0)["during"], drained.reasons
