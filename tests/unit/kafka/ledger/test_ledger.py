from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_runner.kafka.ledger.buckets import Buckets, Slot
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.loss_cause import Cause
from chaos_runner.kafka.ledger.record_header import ForeignRecord
from chaos_runner.kafka.ledger.record_span import NOWHERE
from chaos_runner.kafka.probe.ledger_summary import outages
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Totals
from tests.unit.kafka.ledger.ledger_rig import GROUPS, Rig
from tests.unit.kafka.ledger.records import one

SLOT = Slot(0, "before")
SECOND = 1_000_000_000
MILLISECOND = 1_000_000

steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["send"] * 6
            + ["ack"] * 4
            + ["write at once"] * 4
            + ["ack at once"] * 4
            + ["ack and forget", "ack nowhere", "ack nowhere at once"]
            + ["fail", "fail written", "write twice", "reject"]
            + ["foreign", "corrupt", "phantom", "rebuild", "truncate"]
            + ["read"] * 5
            + ["read at once"] * 8
            + ["skip", "skip", "read again", "look", "look", "tell"]
        ),
        st.integers(0, 10_000),
    ),
    min_size=10,
    max_size=150,
)


@settings(max_examples=300, deadline=None)
@given(steps, st.lists(st.integers(0, 5), min_size=2, max_size=2))
def test_the_ledger_counts_what_a_slow_and_obvious_model_counts(
    story: list[tuple[str, int]], trims: list[int]
) -> None:
    rig = Rig()
    for what, choice in story:
        rig.do(what, choice)
        rig.check()
    rig.drain(trims)
    rig.check()
    anomalies = rig.ledger.anomalies
    impacts = Counter(record.impact for record in rig.model.records)
    for cause in Cause:
        assert getattr(anomalies, cause.value) == impacts[cause.value]
    for kind, count in rig.strangers.items():
        assert getattr(anomalies, kind) == count
    assert anomalies.reader_missed == sum(record.missed for record in rig.model.records)
    assert bool(anomalies.truncations) == rig.model.is_truncation_told()
    assert sum(page.kept - len(page.places) for page in rig.ledger.partitions) == (
        impacts["trimmed"] + sum(len(page._never_seen) for page in rig.ledger.partitions)
    )


def sent(ledger: Ledger, count: int) -> None:
    for _ in range(count):
        ledger.scheduled(0, SLOT, 0)
        ledger.accepted(0)


def new_ledger(count: int = 0) -> Ledger:
    ledger = Ledger(1, Buckets(start=0.0))
    sent(ledger, count)
    return ledger


def ack(ledger: Ledger, sequence: int, offset: int) -> None:
    ledger.acked(one(sequence, offset, SLOT), MILLISECOND)


def read(ledger: Ledger, sequence: int, offset: int, epoch: int = -1, session: int = 0) -> None:
    ledger.consumed(one(sequence, offset, SLOT, session=session), MILLISECOND, epoch=epoch)


def totals(ledger: Ledger, now: float = 1.0) -> Totals:
    return ledger.buckets.totals(now)["before"]


def test_a_passed_record_is_suspected_at_once_and_lost_only_when_confirmed() -> None:
    ledger = new_ledger(2)
    ack(ledger, 0, 0)
    ack(ledger, 1, 1)
    read(ledger, 1, 1)
    ledger.look_for_suspects()
    assert list(ledger.partitions[0].suspects) == [0]
    assert (totals(ledger).lost, totals(ledger).not_yet_consumed) == (0, 1)
    ledger.settle(0, 0, Cause.OVERWRITTEN, 5 * SECOND)
    after = totals(ledger)
    assert (after.lost, after.not_yet_consumed, list(map(str, after.lost_records))) == (
        1,
        0,
        ["0:0@0"],
    )
    assert ledger.anomalies.overwritten == 1


def test_what_retention_removed_is_neither_lost_nor_safe() -> None:
    ledger = new_ledger(1)
    ack(ledger, 0, 0)
    ledger.pass_by(0, 3)
    ledger.look_for_suspects()
    ledger.settle(0, 0, Cause.TRIMMED, SECOND)
    assert (totals(ledger).lost, totals(ledger).not_yet_consumed, ledger.anomalies.trimmed) == (
        0,
        1,
        1,
    )


def test_reading_the_same_offset_again_is_not_a_duplicate() -> None:
    ledger = new_ledger(1)
    for _ in range(3):
        read(ledger, 0, 7)
    assert totals(ledger).duplicates == 0
    read(ledger, 0, 8)
    assert totals(ledger).duplicates == 1


def test_a_record_read_after_a_later_one_of_its_session_is_reordered() -> None:
    ledger = new_ledger(4)
    read(ledger, 1, 0)
    read(ledger, 0, 1)
    assert totals(ledger).reordered == 1
    read(ledger, 0, 2)
    assert (totals(ledger).reordered, totals(ledger).duplicates) == (1, 1)
    read(ledger, 3, 3, session=1)
    read(ledger, 2, 4)
    assert totals(ledger).reordered == 1, "a client that was rebuilt keeps no order with the old"


def test_an_ack_without_an_offset_is_suspected_once_a_later_record_was_read() -> None:
    ledger = new_ledger(2)
    ack(ledger, 0, NOWHERE)
    ledger.look_for_suspects()
    assert ledger.suspects == 0
    read(ledger, 1, 0)
    ledger.look_for_suspects()
    assert ledger.partitions[0].suspects[0].offset == NOWHERE


def test_a_record_acked_behind_a_later_one_is_not_expected_in_its_place() -> None:
    ledger = new_ledger(3)
    for sequence, offset in ((0, 0), (2, 2), (1, 3)):
        ack(ledger, sequence, offset)
    read(ledger, 0, 0)
    ledger.stranger(0, 1, ForeignRecord.FOREIGN)
    read(ledger, 2, 2)
    ledger.look_for_suspects()
    assert ledger.suspects == 0
    ledger.pass_by(0, 3)
    ledger.look_for_suspects()
    assert ledger.partitions[0].suspects[1].offset == 3


def test_a_record_that_was_never_sent_is_a_phantom_and_counted_once() -> None:
    ledger = new_ledger()
    read(ledger, 41, 0)
    read(ledger, 41, 0)
    assert ledger.anomalies.phantom == 1
    assert ledger.buckets.totals(1.0) == {}


def test_strangers_are_counted_by_kind_and_passed() -> None:
    ledger = new_ledger()
    ledger.stranger(0, 0, ForeignRecord.FOREIGN)
    ledger.stranger(0, 1, ForeignRecord.CORRUPT)
    ledger.stranger(0, 1, ForeignRecord.CORRUPT)
    assert (ledger.anomalies.foreign, ledger.anomalies.corrupt) == (1, 1)
    assert ledger.partitions[0].position == 2


def test_two_acks_for_one_offset_are_a_truncation_told_once() -> None:
    ledger = new_ledger(6)
    for number in range(3):
        ack(ledger, number, number)
    for number in range(3):
        ack(ledger, 3 + number, 1 + number)
    assert list(map(str, ledger.anomalies.truncations)) == [
        "0@1: record 3 was acked where record 1 had stood, in a log acknowledged up to 3"
    ]


def test_a_reading_where_another_record_was_acked_is_a_truncation() -> None:
    ledger = new_ledger(2)
    ack(ledger, 0, 5)
    read(ledger, 1, 5)
    assert list(map(str, ledger.anomalies.truncations)) == [
        "0@5: record 1 was read where record 0 had stood, in a log acknowledged up to 6"
    ]


def test_a_leader_epoch_that_goes_back_is_a_truncation() -> None:
    ledger = new_ledger(3)
    read(ledger, 0, 0, epoch=4)
    read(ledger, 1, 1, epoch=5)
    read(ledger, 0, 0, epoch=4)
    assert ledger.anomalies.truncations == []
    read(ledger, 2, 2, epoch=3)
    assert list(map(str, ledger.anomalies.truncations)) == [
        "0@2: the leader epoch went back from 5 to 3"
    ]


def test_a_late_sight_of_an_unknown_record_is_no_duplicate() -> None:
    ledger = new_ledger(3)
    for number in range(3):
        ledger.indeterminate(0, number, SLOT, 0, SECOND)
    ledger.look_for_suspects()
    read(ledger, 1, 9)
    assert (totals(ledger).consumed, totals(ledger).duplicates) == (1, 0)
    read(ledger, 1, 10)
    assert (totals(ledger).consumed, totals(ledger).duplicates) == (1, 1)


def test_waits_without_an_ack_are_told_as_such() -> None:
    ledger = new_ledger(4)
    ledger.indeterminate(0, 0, SLOT, SECOND, 121 * SECOND)
    ledger.rejected(0, SLOT, 0, 30 * SECOND)
    ledger.accepted(0)
    ack(ledger, 1, 0)
    after = totals(ledger, now=11.0)
    assert (
        sum(after.ack_censored.values())
        == after.indeterminate + after.rejected + after.pending
        == 3
    )
    assert sum(after.end_to_end_censored.values()) == after.not_yet_consumed == 1
    assert outages(ledger, [Exposure.ALL], 200 * SECOND)[0].end is None


def test_memory_is_bounded_by_what_is_open_not_by_what_was_sent() -> None:
    ledger = Ledger(len(GROUPS), Buckets(start=0.0))
    most = 0
    for number in range(250_000):
        partition = number & 1
        sequence = number >> 1
        slot = Slot(number // 10_000, "during", GROUPS[partition])
        ledger.scheduled(partition, slot, number)
        ledger.accepted(partition)
        if 80_000 <= number < 130_000:
            ledger.indeterminate(partition, sequence, slot, number, number)
        else:
            record = one(sequence, sequence, slot, partition=partition, instant=number)
            ledger.acked(record, number + MILLISECOND)
            ledger.consumed(record, number + 2 * MILLISECOND)
        if number % 10_000 == 9_999:
            most = max(most, *(page.kept for page in ledger.partitions))
            ledger.look_for_suspects()
            ledger.buckets.take_changed(slot.second + 1.0)
            ledger.buckets.drop_settled(slot.second - 5)
    assert most < 5_100
    assert max(page.kept for page in ledger.partitions) < 10
    assert len(ledger.buckets._open) < 15
    during = ledger.buckets.totals(200.0)["during"]
    assert (during.consumed, during.indeterminate, during.not_yet_consumed, during.lost) == (
        200_000,
        50_000,
        0,
        0,
    )
