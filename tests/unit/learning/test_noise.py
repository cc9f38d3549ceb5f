"""What moved by more than chance, checked against published tables and by enumeration."""

from __future__ import annotations

from itertools import combinations
from math import comb, inf
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.learning.history.noise import (
    Shift,
    _place,
    _ways,
    fewest,
    shift_of,
    usual_range,
)


@pytest.mark.parametrize(
    ("first", "second", "critical"),
    [(4, 4, 0), (5, 5, 2), (8, 8, 13), (10, 10, 23), (20, 20, 127), (5, 12, 11), (3, 8, 2)],
)
def test_the_critical_values_are_those_of_the_tables(
    first: int, second: int, critical: int
) -> None:
    """Mann-Whitney U, two-sided 5 %: as printed in every statistics book's table."""
    assert _place(first, second, 0.025) - 1 == critical


@pytest.mark.parametrize(("first", "second"), [(1, 1), (2, 3), (4, 3), (5, 5)])
def test_the_distribution_is_that_of_all_orders(first: int, second: int) -> None:
    counted = [0] * (first * second + 1)
    for chosen in combinations(range(first + second), first):
        counted[sum(place - rank for rank, place in enumerate(chosen))] += 1
    assert list(_ways(first, second)) == counted
    assert sum(counted) == comb(first + second, first)


def test_a_clear_shift_is_seen_with_its_interval() -> None:
    shift = shift_of([10, 11, 12, 13], [20, 21, 22, 23])
    assert shift == Shift(10, 7, 13)


def test_the_interval_of_a_textbook() -> None:
    """Hollander and Wolfe, example 4.1 (permeability): R's wilcox.test has the same interval."""
    term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    weeks = [1.15, 0.88, 0.90, 0.74, 1.21]
    shift = shift_of(weeks, term)
    assert shift is not None
    assert (round(shift.low, 2), round(shift.high, 2)) == (-0.15, 0.76)
    assert shift.estimate == pytest.approx(0.305, abs=0.005)


def test_too_few_runs_say_nothing_and_how_many_would() -> None:
    assert shift_of([1, 2, 3], [9, 9, 9]) is None
    assert fewest(3) == 5
    assert shift_of([1, 2, 3], [9, 9, 9], one_sided=True) == Shift(7, 6, inf)
    assert fewest(1, one_sided=True) == 19
    assert fewest(0) is None
    assert shift_of([], [1.0] * 9) is None


def test_what_never_ended_is_worse_than_anything() -> None:
    assert shift_of([5, 6, 7, 8], [inf] * 4) == Shift(inf, inf, inf)
    assert shift_of([inf] * 4, [inf] * 4) == Shift(0, 0, 0)
    assert shift_of([inf] * 4, [5, 6, 7, 8]) == Shift(-inf, -inf, -inf)


VALUES = st.lists(st.integers(0, 50).map(float), min_size=4, max_size=20)


@given(before=VALUES, after=VALUES, moved=st.integers(-20, 20))
def test_moving_all_later_runs_moves_the_interval(
    before: list[float], after: list[float], moved: int
) -> None:
    shift = shift_of(before, after)
    further = shift_of(before, [value + moved for value in after])
    assert shift is not None
    assert further == Shift(shift.estimate + moved, shift.low + moved, shift.high + moved)
    assert shift.low <= shift.estimate <= shift.high
    back = shift_of(after, before)
    assert back is not None
    assert (back.low, back.high) == (-shift.high, -shift.low)


def test_the_interval_misses_no_shift_in_more_than_one_of_twenty() -> None:
    """Over all orders of two groups without a shift it leaves zero out in at most 5 %."""
    missed = 0
    for chosen in combinations(range(10), 5):
        rest = [value for value in range(10) if value not in chosen]
        shift = shift_of([float(value) for value in chosen], [float(value) for value in rest])
        assert shift is not None
        missed += not shift.low <= 0 <= shift.high
    assert 0 < missed / comb(10, 5) <= 0.05


def test_the_usual_range_says_how_often_chance_leaves_it() -> None:
    usual = usual_range([4.0, 9.0, 5.0])
    assert usual is not None
    assert (usual.low, usual.high, usual.chance) == (4.0, 9.0, 0.5)
    assert usual_range([4.0]) is None
    assert median_low([1, 2]) == 1
