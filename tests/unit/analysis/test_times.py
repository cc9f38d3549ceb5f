"""Times as clients saw them: from seconds to detect, fail over, recover; censored, never zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.analysis.moments import Time
from chaos_runner.analysis.times import IN_A_ROW, ClientTimes, client_times
from chaos_runner.analysis.windows import Normal, windows_of
from chaos_runner.measurements.series import Series
from tests.unit.analysis.seconds import moments, run_of
from tests.unit.told import ToldTime, told_time

NORMAL = Normal(100.0, 20.0)
NO_OUTAGE = Time(seconds=0)


def times(states: str, on: float, roll_back: float | None, verified: float | None) -> ClientTimes:
    windows = windows_of(Series(run_of(states)), NORMAL)
    return client_times(windows, NO_OUTAGE, moments(on, roll_back, verified, end=len(states)))


def test_an_outage_that_fails_over_and_comes_back() -> None:
    found = times("....." + "..xxxxxxx" + "." * 12 + "xx" + "." * 14, 5, 26, 28.5)
    assert found.detect == Time(seconds=2)
    assert found.failover == Time(seconds=9)
    assert found.recover == Time(seconds=0)
    assert (found.bad_seconds, found.watched_seconds) == (9, 37)


def test_nothing_bad_needs_no_failover() -> None:
    found = times("." * 40, 5, 25, 26)
    nothing = ToldTime(None, "no second went bad while the fault was on")
    assert (told_time(found.detect), told_time(found.failover)) == (nothing, nothing)
    assert found.recover == Time(seconds=0)
    assert found.bad_seconds == 0


def test_a_fault_that_is_not_survived_has_a_failover_beyond_it() -> None:
    found = times("....." + "x" * 20 + "." * 20, 5, 25, 26)
    assert found.failover.censored
    assert found.failover.seconds == 20
    assert told_time(found.failover).note.startswith("not good when the fault ended")


def test_a_row_too_short_to_be_sure_is_a_lower_bound_at_its_begin() -> None:
    found = times("....." + "xxx" + "." * 9, 5, 17, None)
    assert told_time(found.failover) == ToldTime(
        3, "only 9 good seconds in a row when the fault ended; it takes 10", censored=True
    )
    assert told_time(found.recover) == ToldTime(None, "no roll-back was verified")


@pytest.mark.parametrize(
    ("tail", "seconds", "censored"),
    [
        ("." * 10, 0, False),
        ("." * 9, 0, True),
        ("x" * 5 + "." * 10, 5, False),
        ("x" * 30, 30, True),
        ("x....x" + "." * 10, 6, False),
        ("." * 5 + "_" + "." * 5, 0, False),
        ("." * 5 + " " + "." * 10, 6, False),
        ("." * 9 + " " + "." * 9, 10, True),
    ],
)
def test_recovery_is_ten_good_seconds_in_a_row(tail: str, seconds: int, censored: bool) -> None:
    found = times("xxxx" + tail, 0, 3, 4).recover
    assert (found.seconds, found.censored) == (seconds, censored)
    assert bool(told_time(found).note) == censored


def test_the_second_around_the_roll_back_counts_from_the_roll_back() -> None:
    assert times("xxxx" + "." * 12, 0, 3, 4.7).recover.seconds == 0
    assert times("xxxxx" + "." * 12, 0, 3, 4.7).recover.seconds == 0.3


@given(st.text(alphabet=".x", max_size=40), st.integers(0, 20))
def test_recovery_is_what_a_slow_look_at_every_start_finds(tail: str, bad: int) -> None:
    states = "x" * bad + tail
    starts = [
        start
        for start in range(bad, len(states) - IN_A_ROW + 1)
        if set(states[start : start + IN_A_ROW]) == {"."}
    ]
    found = times(states, 0, bad, bad).recover
    if starts:
        assert found == Time(seconds=starts[0] - bad)
    else:
        assert found.censored
        assert found.seconds == len(tail.rstrip("."))
