"""An interval covers the truth about as often as it says, with seconds that depend on another."""

from __future__ import annotations

from math import sqrt
from random import Random

import pytest

from chaos_runner.analysis.interval import Change, change_of_mean

RUNS = 1000
TRUTH = 2.0


def seconds(random: Random, number: int, correlation: float, spread: float) -> list[float]:
    """Return values around zero of which neighbours correlate (autoregressive of order one)."""
    value, values = random.gauss(0, 1), []
    for _ in range(number):
        values.append(spread * value)
        value = correlation * value + sqrt(1 - correlation**2) * random.gauss(0, 1)
    return values


def covered(before: int, during: int, correlation: float) -> float:
    """Return the share of simulated runs whose interval holds the true change."""
    random = Random(7)
    hits = 0
    for _ in range(RUNS):
        calm = seconds(random, before, correlation, 1.0)
        stormy = [TRUTH + value for value in seconds(random, during, correlation, 3.0)]
        found = change_of_mean(calm, stormy)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= TRUTH <= found.high
    return hits / RUNS


@pytest.mark.parametrize(
    ("before", "during", "correlation", "least", "most"),
    [
        (10, 30, 0.0, 0.93, 0.97),
        (10, 30, 0.3, 0.91, 0.96),
        (10, 30, 0.5, 0.88, 0.95),
        (60, 120, 0.5, 0.92, 0.97),
    ],
)
def test_the_interval_covers_the_truth(
    before: int, during: int, correlation: float, least: float, most: float
) -> None:
    assert least <= covered(before, during, correlation) <= most


def test_the_change_is_the_difference_of_the_means() -> None:
    found = change_of_mean([1, 2, 3, 2, 2], [5, 7, 6, 6, 6])
    assert found is not None
    assert found.change == 4
    assert found.stands_out
    # Welch's t for these samples, from the table of Student's t at 8 degrees of freedom.
    assert found.low == pytest.approx(4 - 2.306 * sqrt(0.5 / 5 + 0.5 / 5), abs=0.005)


def test_seconds_that_do_not_scatter_leave_no_doubt() -> None:
    assert change_of_mean([100.0] * 10, [0.0] * 30) == Change(change=-100, low=-100, high=-100)


def test_too_few_seconds_have_no_interval_and_none_no_change() -> None:
    assert change_of_mean([1.0, 1.0], [2.0] * 30) == Change(change=1, low=None, high=None)
    assert change_of_mean([], [1.0]) is None
