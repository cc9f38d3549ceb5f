"""The drain over a real ledger, with a reader and a log that behave as each test says."""

from __future__ import annotations

from typing import cast

import pytest

from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.ledger.record_header import Identity, padding
from chaos_runner.kafka.probe import drain_progress as course_module
from chaos_runner.kafka.probe.ledger_summary import tell_anomalies
from tests.unit.kafka.ledger.records import pack
from tests.unit.kafka.probe.drained_log import (
    RECORDS,
    RUN,
    STRANGER,
    WITHDRAWN,
    Log,
    Loop,
    Stored,
    drain,
    reading,
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course_module, "TRUNCATED_SECONDS", 0.05)
    monkeypatch.setattr(course_module, "_ASK_EVERY", 0.01)


def test_all_read_is_complete() -> None:
    totals, reasons = drain(Loop([0, 1, 2, 3, 4]), Log([0, 1, 2, 3, 4], 5))
    assert (totals.consumed, totals.lost, totals.not_yet_consumed, reasons) == (5, 0, 0, [])


def test_missing_for_both_readers_is_lost() -> None:
    loop = Loop([0, None, 2, 3, 4])
    totals, reasons = drain(loop, Log([0, None, 2, 3, 4], 5))
    assert (totals.consumed, totals.lost, list(map(str, totals.lost_records))) == (4, 1, ["0:1@1"])
    assert (loop.ledger.anomalies.vanished, reasons) == (1, [])


@pytest.mark.parametrize("another", [2, STRANGER])
def test_another_record_at_its_offset_has_overwritten_it(another: Stored) -> None:
    stored = [0, another, 2, 3, 4]
    loop = Loop(stored)
    totals, _ = drain(loop, Log(stored, 5))
    assert (totals.lost, loop.ledger.anomalies.overwritten) == (1, 1)


def test_missing_for_the_first_reader_alone_is_no_loss() -> None:
    loop = Loop([0, None, 2, 3, 4])
    totals, reasons = drain(loop, Log([0, 1, 2, 3, 4], 5))
    assert (totals.consumed, totals.lost, reasons) == (5, 0, [])
    assert loop.ledger.anomalies.reader_missed == 1
    assert sum(totals.end_to_end.values()) == 4
    assert sum(totals.end_to_end_censored.values()) == 1
    assert "the reader missed 1 records of partition 0" in loop.notices.texts[0]


def test_an_end_offset_that_lies_does_not_end_the_reading() -> None:
    totals, _ = drain(Loop([0, 1, 2, 3, 4]), Log([0, 1, 2, 3, 4], end=1))
    assert totals.consumed == 5


@pytest.mark.usefixtures("impatient")
def test_a_log_that_ends_before_an_ack_has_lost_it() -> None:
    loop = Loop([0, 1, 2])
    totals, reasons = drain(loop, Log([0, 1, 2], 3), limit=5)
    assert (totals.consumed, totals.lost, reasons) == (3, 2, [])
    assert loop.ledger.anomalies.truncated == 2
    assert list(map(str, loop.ledger.anomalies.truncations)) == [
        "0@3: the log ends here; it had been read to 3, acknowledged to 5"
    ]


def test_a_log_that_is_short_only_for_a_moment_is_not_truncated() -> None:
    totals, reasons = drain(Loop([0, 1, 2]), Log([0, 1, 2], 3))
    assert (totals.lost, totals.not_yet_consumed) == (0, 2)
    assert reasons == ["partition 0: read to offset 3 of 5 within 0.3 s"]


def test_what_the_reader_does_not_reach_the_second_reader_reads() -> None:
    loop = Loop([0, 1, 2])
    totals, reasons = drain(loop, Log([0, 1, 2, 3, 4], 5))
    assert (totals.consumed, totals.lost, totals.not_yet_consumed, reasons) == (5, 0, 0, [])
    assert loop.ledger.anomalies.reader_missed == 2
    assert "a second reader did, and found 2 records" in loop.notices.texts[0]


def test_a_loss_in_what_the_second_reader_took_over_is_a_loss() -> None:
    totals, reasons = drain(Loop([0, 1]), Log([0, 1, 2, None, 4], 5))
    assert (totals.consumed, totals.lost, list(map(str, totals.lost_records)), reasons) == (
        4,
        1,
        ["0:3@3"],
        [],
    )


def test_where_neither_gets_it_is_inconclusive_not_a_loss() -> None:
    log = Log([0, 1, 2, 3, 4], 5, fails="it was read again only to offset 3")
    totals, reasons = drain(Loop([0, 1, 2]), log)
    assert (totals.lost, totals.not_yet_consumed) == (0, 2)
    assert reasons == [
        "partition 0: read to offset 3 of 5 within 0.3 s; it was read again only to offset 3"
    ]


def test_nobody_telling_the_end_is_inconclusive() -> None:
    log = Log([], None)
    _, reasons = drain(Loop([0, 1, 2, 3, 4]), log)
    assert max(log.limits[:-1]) <= 0.3, "no question outlasts the time to read"
    assert len(reasons) == 1
    assert "partition 0: nobody could tell its end offset within 0.3 s" in reasons[0]


def test_a_blind_partition_is_not_waited_for_but_taken_over() -> None:
    loop = Loop([0])
    loop.blind[0] = "offset out of range"
    totals, reasons = drain(loop, Log([0, 1, 2, 3, 4], 5), limit=60)
    assert (totals.consumed, totals.not_yet_consumed, reasons) == (5, 0, [])
    assert "the reader did not finish partition 0 (offset out of range)" in loop.notices.texts[0]


@pytest.mark.usefixtures("impatient")
def test_a_log_rewritten_behind_a_blind_reader_is_read_again_and_told() -> None:
    loop = Loop([0, 1, 2], acks=[0, 1, 2, 3, 1])
    loop.blind[0] = "partition log truncation detected"
    totals, reasons = drain(loop, Log([0, 4], 2), limit=60)
    assert (totals.consumed, totals.lost, list(map(str, totals.lost_records))) == (4, 1, ["0:3@3"])
    assert loop.ledger.anomalies.truncated == 1
    assert loop.ledger.anomalies.withdrawn == 2
    assert reasons == [WITHDRAWN]
    assert list(map(str, loop.ledger.anomalies.truncations)) == [
        "0@1: record 4 was acked where record 1 had stood, in a log acknowledged up to 4",
        "0@2: the log ends here; it had been read to 3, acknowledged to 4",
    ]


def test_a_blind_reader_that_had_been_further_does_not_hide_what_was_written_anew() -> None:
    loop = Loop([0, 1, 2], acks=[0, 1, 2, None, None])
    loop.offset = len(loop.reads)
    for offset, stored in enumerate(loop.reads):
        loop.note_reading(reading(offset, stored))
    loop.blind[0] = "partition log truncation detected"
    totals, reasons = drain(loop, Log([0, 3, 4], 3), limit=60)
    assert (totals.acked, totals.indeterminate, totals.consumed, reasons) == (3, 2, 5, [WITHDRAWN])
    assert loop.ledger.anomalies.withdrawn == 2
    assert list(map(str, loop.ledger.anomalies.truncations)) == [
        "0@1: record 3 was read where record 1 had stood, in a log acknowledged up to 3"
    ]


def test_what_was_cut_off_and_stands_there_again_is_not_withdrawn() -> None:
    loop = Loop([0, 1, 2], acks=[0, 1, 2, None, None])
    loop.offset = len(loop.reads)
    for offset, stored in enumerate(loop.reads):
        loop.note_reading(reading(offset, stored))
    loop.blind[0] = "partition log truncation detected"
    totals, reasons = drain(loop, Log([0, 3, 2, 1], 4), limit=60)
    assert (totals.consumed, totals.lost, loop.ledger.anomalies.withdrawn, reasons) == (4, 0, 0, [])
    assert loop.ledger.anomalies.truncations != []


def test_what_stands_below_the_first_known_cut_is_not_withdrawn() -> None:
    # The log was cut off at 1, where nothing of this run had stood: it shows at 2 only.
    loop = Loop([0, STRANGER, 1, 2], acks=[0, 2, 3, None, None])
    loop.offset = len(loop.reads)
    for offset, stored in enumerate(loop.reads):
        loop.note_reading(reading(offset, stored))
    written_anew: list[Stored] = [0, 2, 3, 4]
    for offset in range(1, 4):
        loop.note_reading(reading(offset, written_anew[offset]))
    drain(loop, Log(written_anew, 4))
    assert loop.ledger.anomalies.withdrawn == 1, "record 1 alone is gone; record 2 stands at 1"


def test_what_retention_removed_unread_is_inconclusive() -> None:
    loop = Loop([0])
    loop.blind[0] = "offset out of range"
    totals, reasons = drain(loop, Log([None, None, None, 3, 4], 5, low=3))
    assert (totals.consumed, totals.lost, totals.not_yet_consumed) == (3, 0, 2)
    assert loop.ledger.anomalies.trimmed == 2
    assert reasons == [
        "partition 0: retention removed 2 acked records before they were read, so nobody knows "
        "whether they were safe"
    ]


def test_a_log_that_cannot_be_searched_is_inconclusive() -> None:
    log = Log([0, None, 2, 3, 4], 5, fails="it cannot be read again: no such topic")
    totals, reasons = drain(Loop([0, None, 2, 3, 4]), log)
    assert (totals.lost, totals.not_yet_consumed) == (0, 1)
    assert reasons == [
        "partition 0: 1 records that the reader did not see could not be looked up: it cannot be "
        "read again: no such topic"
    ]


def test_acks_without_an_offset_are_looked_for_in_the_whole_log() -> None:
    loop = Loop([0, 1, 2, None, 4], acks=[-1] * RECORDS)
    totals, reasons = drain(loop, Log([0, 1, 2, None, 4], 5))
    assert (totals.consumed, totals.lost, list(map(str, totals.lost_records)), reasons) == (
        4,
        1,
        ["0:3@-1"],
        [],
    )


def test_sends_that_never_end_are_given_up_after_half_the_limit() -> None:
    loop = Loop([0, 1, 2, 3, 4])
    loop.sender.open_records = 1
    drain(loop, Log([0, 1, 2, 3, 4], 5))
    assert loop.sender.gave_up


def test_what_must_never_happen_is_told() -> None:
    loop = Loop([0, 1, 2, 3, 4, 77, 4])
    changed = bytearray(pack(Identity(RUN, 0, 0, 0, 0), padding(100)))
    changed[-1] ^= 1
    loop.reads.append(bytes(changed))
    drain(loop, Log(loop.reads, 8))
    tell_anomalies(loop.ledger, cast("Notices", loop.notices), idempotent=True)
    assert loop.notices.texts == [
        "1 records came back corrupt",
        "1 records came back that were never sent",
        "1 records are in the log more than once, though the producer is idempotent and never "
        "sends a record in two sessions",
    ]
