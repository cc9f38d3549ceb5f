"""The drain over a real ledger, with a reader and a log that behave as each test says."""

from __future__ import annotations

from typing import cast

import pytest

from chaos_runner.kafka import drain as drain_module
from chaos_runner.kafka.buckets import Buckets, Slot
from chaos_runner.kafka.drain import Drain
from chaos_runner.kafka.engine import Engine
from chaos_runner.kafka.identity import Stranger
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.measures import Totals
from chaos_runner.kafka.second_reader import InconclusiveSearchError, SecondReader

SLOT = Slot(0, "during")
RECORDS = 5


class Log:
    """Be the partition as the second reader finds it: sequence numbers by offset."""

    def __init__(self, stored: list[int | None], end: int | None) -> None:
        self.stored = stored
        self.end = end
        self.trimmed = False

    def bounds(self, partition: int) -> tuple[int, int] | None:
        return None if self.end is None else (0, self.end)

    def find(self, partition: int, first: int, wanted: set[int], deadline: float) -> set[int]:
        if self.trimmed:
            raise InconclusiveSearchError(f"partition {partition} was trimmed by retention")
        return {number for number in self.stored[first:] if number is not None} & set(wanted)


class Told:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def tell(self, level: str, text: str, kind: str = "") -> None:
        self.texts.append(text)


class Sends:
    """Be a sender whose records are all acked, but for those still in flight."""

    def __init__(self) -> None:
        self.open_records = 0
        self.gave_up = False

    def stop(self) -> None:
        pass

    def give_up(self) -> None:
        self.gave_up = True


class Loop:
    """Be the engine: each tick the first reader reads one more offset of what it can see."""

    def __init__(self, reads: list[int | None]) -> None:
        self.ledger = Ledger(1, Buckets(start=0.0))
        self.sender = Sends()
        self.notices = Told()
        self.blind: dict[int, str] = {}
        self.strangers = dict.fromkeys(Stranger, 0)
        self.reads = reads
        self.offset = 0
        for number in range(RECORDS):
            self.ledger.scheduled(SLOT)
            self.ledger.accepted(0)
            self.ledger.acked(0, number, SLOT, number, 1.0)

    def tick(self) -> None:
        if self.offset < len(self.reads):
            sequence = self.reads[self.offset]
            if sequence is None:
                self.ledger.pass_by(0, self.offset)
            else:
                self.ledger.seen(0, sequence, SLOT, self.offset, 1.0)
            self.offset += 1

    def tell_changed(self) -> None:
        pass


def drain(loop: Loop, log: Log, limit: float = 0.3) -> tuple[Totals, list[str]]:
    drained = Drain(cast("Engine", loop), cast("SecondReader", log), limit)
    drained.run()
    return loop.ledger.buckets.totals()["during"], drained.reasons


def test_all_read_is_complete() -> None:
    totals, reasons = drain(Loop([0, 1, 2, 3, 4]), Log([0, 1, 2, 3, 4], 5))
    assert (totals.seen, totals.lost, totals.unseen, reasons) == (5, 0, 0, [])


def test_missing_for_both_readers_is_lost() -> None:
    totals, reasons = drain(Loop([0, None, 2, 3, 4]), Log([0, None, 2, 3, 4], 5))
    assert (totals.seen, totals.lost, totals.lost_records) == (4, 1, ["0:1@1"])
    assert reasons == []


def test_missing_for_the_first_reader_alone_is_no_loss() -> None:
    loop = Loop([0, None, 2, 3, 4])
    totals, reasons = drain(loop, Log([0, 1, 2, 3, 4], 5))
    assert (totals.seen, totals.lost, reasons) == (5, 0, [])
    assert "the reader missed 1 records of partition 0" in loop.notices.texts[0]


def test_an_end_offset_that_lies_does_not_end_the_reading() -> None:
    totals, _ = drain(Loop([0, 1, 2, 3, 4]), Log([0, 1, 2, 3, 4], end=1))
    assert totals.seen == 5


def test_a_log_that_ends_before_an_ack_has_lost_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain_module, "TRUNCATED_SECONDS", 0.05)
    totals, reasons = drain(Loop([0, 1, 2]), Log([0, 1, 2], 3))
    assert (totals.seen, totals.lost, reasons) == (3, 2, [])


def test_a_reader_that_does_not_get_there_is_inconclusive_not_a_loss() -> None:
    totals, reasons = drain(Loop([0, 1, 2]), Log([0, 1, 2, 3, 4], 5))
    assert (totals.lost, totals.unseen) == (0, 2)
    assert reasons == ["partition 0: read to offset 3 of 5 within 0.3 s"]


def test_nobody_telling_the_end_is_inconclusive() -> None:
    _, reasons = drain(Loop([0, 1, 2, 3, 4]), Log([], None))
    assert reasons == ["partition 0: nobody could tell its end offset within 0.3 s"]


def test_a_blind_partition_is_not_waited_for() -> None:
    loop = Loop([0])
    loop.blind[0] = "offset out of range"
    totals, reasons = drain(loop, Log([0, 1, 2, 3, 4], 5), limit=60)
    assert (totals.unseen, reasons) == (RECORDS - 1, ["partition 0: offset out of range"])


def test_a_log_that_cannot_be_searched_is_inconclusive() -> None:
    log = Log([0, None, 2, 3, 4], 5)
    log.trimmed = True
    totals, reasons = drain(Loop([0, None, 2, 3, 4]), log)
    assert (totals.lost, totals.unseen) == (0, 1)
    assert reasons == ["partition 0 was trimmed by retention"]


def test_sends_that_never_end_are_given_up_after_half_the_limit() -> None:
    loop = Loop([0, 1, 2, 3, 4])
    loop.sender.open_records = 1
    drain(loop, Log([0, 1, 2, 3, 4], 5))
    assert loop.sender.gave_up


def test_corrupt_and_never_sent_records_are_told() -> None:
    loop = Loop([0, 1, 2, 3, 4, 77])
    loop.strangers[Stranger.CORRUPT] = 2
    drain(loop, Log([0, 1, 2, 3, 4, 77], 6))
    assert loop.notices.texts == [
        "2 records came back corrupt",
        "1 records came back that were never sent",
    ]
