"""Whether figures moved by more than they scatter anyway. Pure; no distribution is assumed.

Two groups of runs are compared by the Hodges-Lehmann estimate of their shift (the median of all
differences between a run of one and a run of the other) with Moses' interval for it, which follows
from the exact distribution of the Mann-Whitney statistic: M. Hollander, D. Wolfe, E. Chicken,
"Nonparametric Statistical Methods", 3rd edition 2014, sections 4.2 and 4.3. With ties the
interval is wider than it had to be. A single run is compared with the range of others: a further
run of the same kind lies outside of the range of n with a probability of 2/(n + 1) (S. Wilks,
"Determination of sample sizes for setting tolerance limits", Annals of Mathematical Statistics
12, 1941). Both take runs as exchangeable: made in the same way, one independent of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import comb, inf
from statistics import median_low

CONFIDENCE = 0.95
MOST_COMPARED = 20
"""Runs of each group: older ones say little of how things are now."""


@dataclass(frozen=True)
class Shift:
    """By how much a figure moved between two groups of runs; infinite where it never ends."""

    estimate: float
    low: float
    high: float
    """Bounds of the interval."""


def shift_of(
    before: Sequence[float], after: Sequence[float], *, one_sided: bool = False
) -> Shift | None:
    """Return by how much the values moved; None where there are too few to say.

    The interval has 95 %. With `one_sided` its lower bound alone does, and the upper is open.
    """
    before, after = before[-MOST_COMPARED:], after[-MOST_COMPARED:]
    tail = (1 - CONFIDENCE) / (1 if one_sided else 2)
    place = _place(len(before), len(after), tail)
    if place == 0:
        return None
    differences = sorted(_difference(later, earlier) for later in after for earlier in before)
    high = inf if one_sided else differences[-place]
    return Shift(median_low(differences), differences[place - 1], high)


def _difference(later: float, earlier: float) -> float:
    return 0.0 if later == earlier else later - earlier  # two that never ended are alike


def fewest(before: int, *, one_sided: bool = False) -> int | None:
    """Return how many later runs can be compared with so many earlier ones; None for none."""
    tail = (1 - CONFIDENCE) / (1 if one_sided else 2)
    possible = (after for after in range(1, MOST_COMPARED + 1) if _place(before, after, tail))
    return next(possible, None)


@cache
def _place(first: int, second: int, tail: float) -> int:
    """Return how many differences lie beyond the interval on each side, and one; 0 for too few."""
    if not first or not second:
        return 0
    allowed = tail * comb(first + second, first)
    total = place = 0
    for ways in _ways(first, second):
        total += ways
        if total > allowed:
            break
        place += 1
    return place


@cache
def _ways(first: int, second: int) -> tuple[int, ...]:
    """Return in how many orders of both groups the Mann-Whitney statistic has each value."""
    if not first or not second:
        return (1,)
    ways = [0] * (first * second + 1)
    for value, number in enumerate(_ways(first - 1, second)):
        ways[value + second] += number
    for value, number in enumerate(_ways(first, second - 1)):
        ways[value] += number
    return tuple(ways)


@dataclass(frozen=True)
class UsualRange:
    """Between what a figure lay in other runs."""

    low: float
    high: float
    runs: int

    @property
    def chance(self) -> float:
        """Return the probability that a further run of the kind lies outside."""
        return 2 / (self.runs + 1)


def usual_range(values: Sequence[float]) -> UsualRange | None:
    """Return the range of the newest values; None for less than two."""
    newest = values[-MOST_COMPARED:]
    return UsualRange(min(newest), max(newest), len(newest)) if len(newest) > 1 else None
