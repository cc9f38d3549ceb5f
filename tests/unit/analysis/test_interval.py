"""An interval covers the truth about as often as it says, with seconds that depend on another."""

from __future__ import annotations

from math import sqrt
from random import Random

import pytest

from chaos_runner.analysis.interval import Change, change_of_mean

RUNS = 1000
BETWEEN = 5
"""Seconds between the two phases, while the fault is injected."""


def seconds(random: Random, number: int, correlation: float) -> list[float]:
    """Return values around zero of which neighbours correlate (autoregressive of order one)."""
    value, values = random.gauss(0, 1), []
    for _ in range(number):
        values.append(value)
        value = correlation * value + sqrt(1 - correlation**2) * random.gauss(0, 1)
    return values


def covered(before: int, during: int, correlation: float) -> float:
    """Return the share of runs whose interval holds the true cost: a third of the time, dark."""
    random = Random(7)
    cost = [-30.0 if second < during // 3 else 0.0 for second in range(during)]
    truth = sum(cost) / during
    hits = 0
    for _ in range(RUNS):
        noise = seconds(random, before + BETWEEN + during, correlation)
        held = [value + lost for value, lost in zip(noise[-during:], cost, strict=True)]
        found = change_of_mean(noise[:before], held)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= truth <= found.high
    return hits / RUNS


@pytest.mark.parametrize(
    ("before", "during", "correlation", "least", "most"),
    [
        (10, 30, 0.0, 0.92, 0.97),
        (10, 30, 0.3, 0.87, 0.94),
        (10, 30, 0.5, 0.81, 0.90),
        (30, 60, 0.5, 0.90, 0.96),
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
    assert found.low == pytest.approx(4 - 2.776 * sqrt(0.5 / 5 * 2))
    assert found.high == pytest.approx(4 + 2.776 * sqrt(0.5 / 5 * 2))


def test_a_dip_after_a_calm_is_no_scatter() -> None:
    dip = [0.0] * 10 + [100.0] * 20
    found = change_of_mean([100.0] * 10, dip)
    assert found is not None
    assert found.change == found.low == found.high == pytest.approx(-100 / 3)
    assert found.stands_out


def test_a_change_within_the_scatter_before_does_not_stand_out() -> None:
    found = change_of_mean([90, 100, 95, 85, 100, 92, 99, 88, 97, 94], [92.0] * 30)
    assert found is not None
    assert not found.stands_out


def test_too_few_seconds_have_no_interval_and_none_no_change() -> None:
    assert change_of_mean([1.0, 1.0], [2.0] * 30) == Change(change=1, low=None, high=None)
    assert change_of_mean([], [1.0]) is None
