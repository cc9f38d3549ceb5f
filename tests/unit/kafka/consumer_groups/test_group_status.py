"""Burrow's rules over a window of samples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.consumer_groups.group_status import WINDOW, Sample, status_of, worst_status
from chaos_runner.measurements.model import GroupStatus


def window(*pairs: tuple[int, int]) -> list[Sample]:
    """Return samples two seconds apart, of (committed, end)."""
    return [Sample(2.0 * number, *pair) for number, pair in enumerate(pairs)]


def moving(step: int, lag: int, growth: int = 0) -> list[Sample]:
    """Return a full window of a group that commits `step` records a sample."""
    return window(*((n * step, n * step + lag + n * growth) for n in range(WINDOW)))


STANDING = window(*((5, 100 + n) for n in range(WINDOW)))


@pytest.mark.parametrize(
    ("samples", "has_members", "status"),
    [
        ([], True, "OK"),
        (moving(10, lag=0), True, "OK"),
        (moving(10, lag=3, growth=2), True, "WARN"),
        (moving(10, lag=50, growth=-1), True, "OK"),
        (STANDING, True, "STALL"),
        (STANDING, False, "STOP"),
        (STANDING[:-1], False, "OK"),  # too few samples to say
        (window((5, 5)) + STANDING[1:], False, "OK"),  # had caught up in the window
        (window((9, 99), (5, 99)), True, "REWIND"),
        (window((9, 99), (5, 99), (9, 99)), True, "OK"),
        # Moved for three samples, then stood for six: longer than it had moved.
        (window(*((min(n, 3), 100) for n in range(WINDOW))), False, "STOP"),
        (window(*((min(n, 6), 100 + n) for n in range(WINDOW))), False, "WARN"),
    ],
)
def test_the_rules(samples: list[Sample], has_members: bool, status: GroupStatus) -> None:
    assert status_of(samples, has_members=has_members) == status


def test_the_worst_partition_speaks_for_the_group() -> None:
    assert worst_status(["OK", "STALL", "WARN"]) == "STALL"
    assert worst_status(["STOP", "REWIND"]) == "REWIND"
    assert worst_status([]) == "OK"


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=WINDOW, max_size=WINDOW),
    st.booleans(),
)
def test_only_the_shape_of_a_window_counts(pairs: list[tuple[int, int]], members: bool) -> None:
    """Neither a later start, nor a slower clock, nor other offsets change what is said."""
    plain = window(*((committed, committed + lag) for committed, lag in pairs))
    moved = [Sample(100 + 3 * one.at, one.committed + 7, one.end + 7) for one in plain]
    assert status_of(plain, has_members=members) == status_of(moved, has_members=members)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=WINDOW))
def test_a_group_that_has_caught_up_is_never_called_behind(committed: list[int]) -> None:
    samples = window(*((offset, max(committed)) for offset in committed))
    assert status_of(samples, has_members=False) == "OK"
