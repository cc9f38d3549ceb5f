"""What is noted at once has to be what is noted one by one, whatever state the ledger is in."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_runner.kafka.ledger.buckets import Buckets, Slot
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.record_span import NOWHERE, Run, rises_by_one
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.schedule import Schedule

LED = Exposure.LEADER

SLOTS = (Slot(0, "warm-up"), Slot(0, "during"), Slot(1, "during"))
SECOND = 1_000_000_000
MILLISECOND = 1_000_000
RECORDS = 24
ENDS = ("ack", "ack nowhere", "go on", "lose")

runs = st.builds(
    lambda slot, session, first, length, offset, apart: Run(
        0, first, offset, slot, tuple(range(length)), session, tuple(range(length)) if apart else ()
    ),
    slot=st.sampled_from(SLOTS),
    session=st.integers(0, 1),
    first=st.integers(0, RECORDS),
    length=st.integers(1, 6),
    offset=st.integers(0, RECORDS),
    apart=st.booleans(),
)
steps = st.one_of(
    st.tuples(st.just("ack"), runs),
    st.tuples(st.just("ack nowhere"), runs),
    st.tuples(st.just("go on"), runs),
    st.tuples(st.just("see"), runs),
    st.tuples(st.just("see"), runs),
    st.tuples(st.just("miss"), runs),
    st.tuples(st.just("lose"), runs),
    st.tuples(st.just("look"), runs),
)


def note(ledger: Ledger, what: str, run: Run, now: int) -> None:
    match what:
        case "ack" | "go on":
            ledger.acked(run, now)
        case "ack nowhere":
            ledger.acked(run._replace(offset=NOWHERE), now)
        case "see" | "miss":
            ledger.consumed(run, now, epoch=run.session, missed=what == "miss")
        case "lose":
            ledger.indeterminate(0, run.sequence, run.slot, 0, now)
        case _:
            ledger.look_for_suspects()


def state(ledger: Ledger, now: int) -> object:
    page = ledger.partitions[0]
    return (
        ledger.buckets.totals(100.0),
        ledger.anomalies,
        (page._first, page._flags, page._newest, page._epoch, page._unread.runs),
        (page.suspects, page.position, page.acked_end, list(page._never_seen)),
        (page.places._firsts, page.places._ends, page.places._distances, page.places.cut_off),
        page.outage.longest(now),
    )


def new_ledger() -> Ledger:
    ledger = Ledger(1, Buckets(start=0.0))
    ledger.scheduled(0, SLOTS[1], 0, RECORDS)
    ledger.accepted(0, RECORDS)
    return ledger


@settings(max_examples=1000, deadline=None)
@given(st.lists(steps, max_size=25))
def test_a_run_leaves_the_ledger_as_its_records_do_one_by_one(story: list[tuple[str, Run]]) -> None:
    at_once, one_by_one = new_ledger(), new_ledger()
    open_sends = set(range(RECORDS))
    for number, (what, drawn) in enumerate(story):
        now, run = (1 + number) * SECOND, drawn
        if what == "go on":
            end = at_once.partitions[0].acked_end
            run = run._replace(offset=end, sequence=end)
        if what == "lose":
            run = run.part(0, 1)
        run = run._replace(arrivals=[now + MILLISECOND * place for place in run.arrivals])
        if what in ENDS:
            # A send ends once; only a reading may bring a number that was never spent.
            numbers = set(range(run.sequence, run.end))
            if not numbers <= open_sends:
                continue
            open_sends -= numbers
        note(at_once, what, run, now)
        for place, single in enumerate(run.singles() if what != "look" else [run]):
            arrival = now + MILLISECOND * place if run.arrivals else now
            note(one_by_one, what, single._replace(arrivals=()), arrival)
        assert state(at_once, now) == state(one_by_one, now)


def test_a_healthy_partition_is_noted_at_once() -> None:
    ledger = new_ledger()
    page = ledger.partitions[0]
    first = Run(0, 0, 7, SLOTS[1], range(10))
    read_first = Run(0, 10, 17, SLOTS[1], range(14))
    assert page.take_acks(first) == 0
    assert page.take_sights(first) == 10
    assert page.take_sights(read_first) == 0
    assert page.take_acks(read_first) == 14
    assert (len(page.places), len(page._unread), page.acked_end) == (1, 1, 31)


def test_suspects_that_turn_up_further_on_are_suspects_no_more() -> None:
    ledger = new_ledger()
    ledger.acked(Run(0, 10, 3, SLOTS[1], (0, 0)), SECOND)
    ledger.consumed(Run(0, 5, 8, SLOTS[1], (0,)), SECOND)
    ledger.look_for_suspects()
    assert set(ledger.partitions[0].suspects) == {10, 11}
    ledger.consumed(Run(0, 9, 9, SLOTS[1], (0, 0, 0)), SECOND)
    assert ledger.partitions[0].suspects == {}
    assert ledger.buckets.totals(1.0)["during"].not_yet_consumed == 0


def test_a_run_is_cut_where_a_second_of_the_schedule_ends() -> None:
    schedule = Schedule(5, 1.0)
    instants = [5 + quarter * SECOND // 4 for quarter in (2, 3, 4, 5, 8, 20)]
    whole = Run(1, 40, 70, Slot(0, "during", LED), instants, session=3)
    parts = list(whole.by_second(schedule))
    assert [(part.slot.second, part.sequence, part.offset, part.length) for part in parts] == [
        (0, 40, 70, 2),
        (1, 42, 72, 2),
        (2, 44, 74, 1),
        (5, 45, 75, 1),
    ]
    assert {(part.partition, part.slot.group, part.session) for part in parts} == {(1, LED, 3)}
    assert [instant for part in parts for instant in part.instants] == instants


def test_without_an_offset_all_parts_of_a_run_are_nowhere() -> None:
    whole = Run(0, 0, NOWHERE, SLOTS[1], (0, 1, 2))
    assert [(single.sequence, single.offset) for single in whole.singles()] == [
        (0, NOWHERE),
        (1, NOWHERE),
        (2, NOWHERE),
    ]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_numbers_rise_by_one_if_each_is_one_more_than_the_last(numbers: list[int]) -> None:
    expected = all(after == before + 1 for before, after in pairwise(numbers))
    assert rises_by_one(numbers) == rises_by_one(tuple(numbers)) == expected
