from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.measurements.schedule import NANOSECONDS, Schedule, slots_together


def test_no_slot_is_skipped_after_a_pause() -> None:
    schedule = Schedule(start=0, rate=100)
    taken = schedule.take(10 * NANOSECONDS)
    assert taken == range(1001)
    assert [schedule.due(slot) for slot in taken[:3]] == [0, 10_000_000, 20_000_000]
    assert schedule.due(taken[-1]) == 10 * NANOSECONDS


def test_slots_do_not_drift_at_a_rate_that_does_not_divide_a_second() -> None:
    schedule = Schedule(start=5, rate=7)
    assert schedule.due(7 * 3600) == 5 + 3600 * NANOSECONDS


def test_a_slot_waits_for_its_instant() -> None:
    schedule = Schedule(start=NANOSECONDS, rate=2)
    assert not schedule.take(NANOSECONDS - 1)
    assert schedule.take(NANOSECONDS) == range(1)
    assert schedule.seconds_left(NANOSECONDS) == pytest.approx(0.5)
    assert schedule.seconds_left(3 * NANOSECONDS) == 0
    assert schedule.second_of(int(3.5 * NANOSECONDS)) == 2


def test_the_slots_of_a_round_are_due_together() -> None:
    schedule = Schedule(0, 100, slots_together(100, 4))
    assert schedule.take(0) == range(10)
    assert schedule.instants(range(9, 21)) == [0, *[100_000_000] * 10, 200_000_000]
    assert not schedule.take(99_999_999)
    assert schedule.take(300_000_000) == range(10, 40)


@pytest.mark.parametrize(
    ("rate", "together"), [(0.1, 1), (10, 1), (20, 2), (99, 9), (100, 10), (50_000, 10)]
)
def test_rounds_are_at_most_100_ms_apart(rate: float, together: int) -> None:
    assert slots_together(rate, 12) == together
    assert together == 1 or together / rate <= 0.1


@pytest.mark.parametrize(("partitions", "together"), [(1, 3), (2, 6), (3, 9), (4, 10), (12, 10)])
def test_no_round_takes_all_that_may_be_on_its_way_to_a_partition(
    partitions: int, together: int
) -> None:
    assert slots_together(1000, partitions) == together
    assert together / partitions < 5


def test_slots_that_were_sent_before_their_round_was_complete_leave_the_others_due() -> None:
    schedule = Schedule(0, 100, 5)
    schedule.take_next(8)
    assert schedule.next_due == 50_000_000
    assert schedule.take(50_000_000) == range(8, 10)


@given(
    st.integers(0, 10**12),
    st.floats(0.01, 50_000),
    st.integers(1, 10),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=20),
)
def test_each_slot_is_taken_once_and_never_before_its_instant(
    start: int, rate: float, together: int, steps: list[int]
) -> None:
    schedule = Schedule(start, rate, together)
    now, taken = start, 0
    for step in steps:
        now += step
        slots = schedule.take(now)
        assert slots.start == taken
        taken = slots.stop
        assert not slots or schedule.due(slots[-1]) <= now
        assert schedule.due(taken) > now


@given(st.lists(st.integers(0, 5 * NANOSECONDS), min_size=1, max_size=10))
def test_a_slot_belongs_to_the_phase_in_which_it_was_taken(steps: list[int]) -> None:
    schedule, now, belongs = Schedule(0, 3), 0, dict[int, str]()
    for number, step in enumerate(steps):
        now += step
        belongs |= dict.fromkeys(schedule.take(now), schedule.phases[-1])
        schedule.begin_phase(f"phase {number}")
    assert {slot: schedule.phases[schedule.phase_of(slot)] for slot in belongs} == belongs
    assert all(after >= before for before, after in pairwise(map(schedule.phase_of, belongs)))
