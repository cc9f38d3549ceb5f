"""What a good second is, by what was normal before."""

from __future__ import annotations

import pytest

from chaos_runner.analysis.windows import Normal, normal_of, windows_of
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.histogram import bin_of, milliseconds_of
from chaos_runner.measurements.model import Bucket
from chaos_runner.measurements.series import Series
from chaos_runner.measurements.totals import add_totals
from tests.unit.analysis.seconds import START, second

LED, CONTROL = Exposure.LEADER, Exposure.NONE

NORMAL = Normal(end_to_end_p99=100.0, baseline_p99=20.0)


def test_normal_is_three_times_the_p99_before_and_at_least_the_floor() -> None:
    fast = normal_of(add_totals(second(number, milliseconds=4) for number in range(10)))
    assert fast == Normal(100.0, milliseconds_of(bin_of(4)))
    slow = normal_of(add_totals(second(number, milliseconds=80) for number in range(10)))
    assert slow is not None
    assert slow.end_to_end_p99 == 3 * milliseconds_of(bin_of(80))


def test_a_phase_before_that_read_nothing_says_not_what_is_normal() -> None:
    assert normal_of(add_totals([])) is None
    assert normal_of(add_totals([second(0, acked=0)])) is None
    assert normal_of(add_totals([second(0, acked=90)])) is None


@pytest.mark.parametrize(
    ("bucket", "bad"),
    [
        (second(3), ""),
        (second(3, acked=99), ""),
        (second(3, acked=98), "98 of 100 records acknowledged"),
        (second(3, lost=1), "1 records lost"),
        (second(3, not_yet_consumed=1), "1 records not yet consumed"),
        (second(3, milliseconds=99), ""),
        (second(3, milliseconds=103), "slow"),
    ],
)
def test_a_second_is_good_when_all_of_it_is(bucket: Bucket, bad: str) -> None:
    (window,) = windows_of(Series([bucket]), NORMAL)
    assert (window.second, window.start, window.bad) == (3, START + 3, bad)
    assert window.good == (not bad)


def test_the_parts_of_a_second_are_judged_together() -> None:
    parts = [second(1, phase="during", acked=0, scheduled=1), second(1, phase="roll-back")]
    (window,) = windows_of(Series(parts), NORMAL)
    assert window.good
    assert not windows_of(Series([parts[0]]), NORMAL)[0].good


def test_a_group_is_judged_by_its_own_records() -> None:
    parts = [
        second(1, group=LED, acked=0),
        second(1, group=CONTROL),
        second(2, group=CONTROL),
    ]
    assert [window.good for window in windows_of(Series(parts), NORMAL, CONTROL)] == [
        True,
        True,
    ]
    led = windows_of(Series(parts), NORMAL, LED)
    assert [(window.good, window.judged) for window in led] == [(False, True), (False, False)]


def test_the_newest_seconds_of_a_torn_journal_are_not_judged() -> None:
    parts = [second(number, acked=(number < 3 and 100) or 0) for number in range(5)]
    windows = windows_of(Series(parts), NORMAL, judged_until=START + 3)
    assert [window.judged for window in windows] == [True, True, True, False, False]
    assert not any(window.bad for window in windows)
