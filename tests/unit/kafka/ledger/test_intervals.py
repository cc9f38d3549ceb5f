from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.ledger.intervals import Intervals

runs = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), max_size=12)


@given(runs, st.lists(st.integers(0, 120)))
def test_it_is_a_set(gaps: list[tuple[int, int]], taken: list[int]) -> None:
    intervals, expected, first = Intervals(), set[int](), 0
    for gap, length in gaps:
        first += gap
        intervals.add(first, first + length)
        expected.update(range(first, first + length))
        first += length
    for number in taken:
        assert intervals.discard(number) == (number in expected)
        expected.discard(number)
    held = [number for low, end in intervals for number in range(low, end)]
    assert held == sorted(expected)
    assert intervals.numbers == len(expected)


def test_a_long_stretch_is_one_interval() -> None:
    intervals = Intervals()
    for number in range(1000):
        intervals.add(number, number + 1)
    assert len(intervals) == 1
    assert intervals.discard(500)
    assert len(intervals) == 2


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=12),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 30)), max_size=6),
)
def test_stretches_are_taken_out(
    gaps: list[tuple[int, int]], stretches: list[tuple[int, int]]
) -> None:
    intervals, expected, at = Intervals(), set[int](), 0
    for gap, length in gaps:
        intervals.add(at + gap, at + gap + length)
        expected.update(range(at + gap, at + gap + length))
        at += gap + length
    for first, length in stretches:
        intervals.remove(first, first + length)
        expected.difference_update(range(first, first + length))
        assert [number for pair in intervals for number in range(*pair)] == sorted(expected)
