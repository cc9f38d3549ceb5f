from __future__ import annotations

import pytest

from chaos_runner.kafka.schedule import NANOSECONDS, Schedule


def test_no_slot_is_skipped_after_a_pause() -> None:
    schedule = Schedule(start=0, rate=100)
    taken = []
    while (due := schedule.take(10 * NANOSECONDS)) is not None:
        taken.append(due)
    assert len(taken) == 1001
    assert taken[:3] == [0, 10_000_000, 20_000_000]
    assert taken[-1] == 10 * NANOSECONDS


def test_slots_do_not_drift_at_a_rate_that_does_not_divide_a_second() -> None:
    schedule = Schedule(start=5, rate=7)
    assert schedule.due(7 * 3600) == 5 + 3600 * NANOSECONDS


def test_a_slot_waits_for_its_instant() -> None:
    schedule = Schedule(start=NANOSECONDS, rate=2)
    assert schedule.take(NANOSECONDS - 1) is None
    assert schedule.take(NANOSECONDS) == NANOSECONDS
    assert schedule.seconds_left(NANOSECONDS) == pytest.approx(0.5)
    assert schedule.seconds_left(3 * NANOSECONDS) == 0
    assert schedule.second_of(int(3.5 * NANOSECONDS)) == 2
