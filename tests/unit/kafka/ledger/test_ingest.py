"""What a reader brings back together is entered as if it had come one by one."""

from __future__ import annotations

import time
from typing import cast

import pytest
from confluent_kafka import Consumer, KafkaError, Message
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_runner.kafka.consuming.consumer import Reader, Reading, Trouble, readings_of
from chaos_runner.kafka.consuming.ingest import enter
from chaos_runner.kafka.ledger.buckets import Buckets, Slot
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.record_header import ForeignRecord, Identity, padding
from chaos_runner.measurements.schedule import NANOSECONDS, Schedule
from tests.unit.kafka.ledger.records import pack
from tests.waiting import wait_until

RUN = 7
PAD = padding(60)
RETURNED = 3 * NANOSECONDS
RECORDS = 12


def new_ledger() -> Ledger:
    ledger = Ledger(2, Buckets(start=0.0))
    for partition in range(2):
        ledger.scheduled(partition, Slot(0, "during"), 0, RECORDS)
        ledger.accepted(partition, RECORDS)
    return ledger


def schedule() -> Schedule:
    return Schedule(0, 100.0, phases=["warm-up", "during"])


def entered(ledger: Ledger, *readings: Reading) -> set[ForeignRecord]:
    strangers = (enter(ledger, schedule(), RUN, PAD, reading) for reading in readings)
    return {stranger for each in strangers for stranger in each}


def spoiled(value: bytes, place: int) -> bytes:
    changed = bytearray(value)
    changed[place] ^= 1
    return bytes(changed)


identities = st.builds(
    Identity,
    run=st.sampled_from([RUN, RUN, RUN, RUN, 8]),
    partition=st.sampled_from([0, 0, 0, 0, 1]),
    sequence=st.integers(0, RECORDS + 2),
    scheduled=st.integers(0, 2 * NANOSECONDS),
    phase=st.sampled_from([1, 1, 1, 1, 0, 2]),
    group=st.sampled_from([1, 1, 1, 1, 2, 9]),
    session=st.sampled_from([0, 0, 0, 1]),
)
series = st.builds(
    lambda first, length: [
        pack(first._replace(sequence=first.sequence + number, scheduled=number), PAD)
        for number in range(length)
    ],
    identities,
    st.integers(1, 6),
)
odd = st.one_of(
    st.none(),
    st.binary(max_size=80),
    st.builds(pack, identities, st.sampled_from([PAD, padding(44), padding(61)])),
    st.builds(spoiled, st.builds(pack, identities, st.just(PAD)), st.integers(0, 59)),
)
readings = st.builds(
    lambda parts, first, steps, apart: Reading(
        0,
        tuple(first + number + sum(steps[:number]) for number in range(sum(map(len, parts)))),
        tuple(value for part in parts for value in part),
        RETURNED,
        4,
        tuple(RETURNED + number for number in range(sum(map(len, parts)))) if apart else (),
    ),
    st.lists(st.one_of(series, series, odd.map(lambda value: [value])), min_size=1, max_size=4),
    st.integers(0, 20),
    st.lists(st.sampled_from([0, 0, 0, 0, 0, 1]), min_size=40, max_size=40),
    st.booleans(),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(readings, min_size=1, max_size=4))
def test_a_reading_counts_as_its_records_do_one_by_one(story: list[Reading]) -> None:
    at_once, one_by_one = new_ledger(), new_ledger()
    singles = [single for reading in story for single in reading.singles()]
    assert entered(at_once, *story) == entered(one_by_one, *singles)
    assert at_once.buckets.totals(9.0) == one_by_one.buckets.totals(9.0)
    assert at_once.buckets.group_totals(9.0) == one_by_one.buckets.group_totals(9.0)
    assert at_once.anomalies == one_by_one.anomalies
    assert at_once.partitions[0].position == one_by_one.partitions[0].position


def value(sequence: int, fields: dict[str, int] | None = None) -> bytes:
    return pack(Identity(RUN, 0, sequence, 0, 1)._replace(**(fields or {})), PAD)


@pytest.mark.parametrize(
    ("fields", "phantoms"),
    [({"partition": 1}, 3), ({"phase": 2}, 3), ({"group": 4}, 3), ({"session": 9}, 0)],
)
def test_what_this_run_cannot_have_sent_is_a_phantom(fields: dict[str, int], phantoms: int) -> None:
    ledger = new_ledger()
    values = tuple(value(number, fields) for number in range(3))
    assert entered(ledger, Reading(0, (0, 1, 2), values, RETURNED, -1)) == set()
    assert ledger.anomalies.phantom == phantoms
    assert ledger.buckets.totals(9.0)["during"].consumed == 3 - phantoms


def test_one_corrupt_record_amid_others_is_the_only_one() -> None:
    ledger = new_ledger()
    values = [value(number) for number in range(5)]
    values[2] = spoiled(values[2], 50)
    reading = Reading(0, tuple(range(5)), tuple(values), RETURNED, -1)
    assert entered(ledger, reading) == {ForeignRecord.CORRUPT}
    assert (ledger.anomalies.corrupt, ledger.buckets.totals(9.0)["during"].consumed) == (1, 4)


def message(partition: int, offset: int, epoch: int = 3, code: int | None = None) -> Message:
    text = b"%d" % offset
    if code is not None:
        error = KafkaError(code)
        return Message(partition=partition, offset=offset, value=text, error=error)
    return Message(partition=partition, offset=offset, value=text, leader_epoch=epoch)


def test_messages_of_one_partition_and_epoch_are_one_reading() -> None:
    messages = [message(0, 5), message(0, 6), message(1, 2), message(0, 7, 4), message(0, 9, -1)]
    assert list(readings_of(messages, 11)) == [
        Reading(0, (5, 6), (b"5", b"6"), 11, 3),
        Reading(1, (2,), (b"2",), 11, 3),
        Reading(0, (7,), (b"7",), 11, 4),
        Reading(0, (9,), (b"9",), 11, -1),
    ]


def test_trouble_amid_messages_takes_none_of_them_away() -> None:
    lost_place = KafkaError._AUTO_OFFSET_RESET
    messages = [message(0, 5), message(0, 6, code=lost_place), message(0, 7), message(0, 8)]
    texts = KafkaError(lost_place).str()
    assert list(readings_of(messages, 11)) == [
        Reading(0, (5,), (b"5",), 11, 3),
        Trouble(0, texts, out_of_range=True),
        Reading(0, (7,), (b"7",), 11, 3),
        Reading(0, (8,), (b"8",), 11, 3),
    ]


def test_a_record_without_a_place_is_trouble() -> None:
    assert list(readings_of([Message()], 11)) == [Trouble(-1, "a record without a place")]


class FewAtATime:
    """A consumer that gives back one batch a poll, and then nothing."""

    def __init__(self, batches: list[list[Message]]) -> None:
        self.batches = batches
        self._rest: list[Message] = []

    def assign(self, partitions: object) -> None:
        pass

    def close(self) -> None:
        pass

    def poll(self, seconds: float) -> Message | None:
        if not self.batches:
            time.sleep(0.001)
            return None
        first, *self._rest = self.batches.pop(0)
        return first

    def consume(self, count: int, seconds: float) -> list[Message]:
        rest, self._rest = self._rest, []
        return rest


def test_what_a_reader_brings_bit_by_bit_is_a_reading_of_each_partition_with_its_instants() -> None:
    many = [message(0, 40 + number) for number in range(20)]
    consumer = FewAtATime(
        [
            [message(0, 5), message(1, 2)],
            [message(0, 6)],
            [message(1, 3, 4)],
            many,
            [message(0, 60)],
        ]
    )
    reader = Reader(lambda: cast("Consumer", consumer), "topic", {})
    reader.start()
    wait_until(lambda: not consumer.batches)
    reader.stop()
    reader._thread.join()
    taken = [reading for reading in reader.take() if isinstance(reading, Reading)]
    assert [(each.partition, each.offsets) for each in taken] == [
        (0, (5, 6)),
        (1, (2,)),
        (1, (3,)),
        (0, tuple(range(40, 60))),
        (0, (60,)),
    ]
    assert [len(each.arrivals) for each in taken] == [2, 0, 0, 0, 1]
    first, second = taken[0].arrivals
    assert first < second
    assert (taken[1].returned, taken[0].returned) == (first, second)
