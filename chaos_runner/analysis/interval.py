"""Give the change of a mean an interval that says how much of it chance alone could be.

What is asked is what the fault cost in this run, so the seconds under the fault are counted
and not taken for a sample: that the first ten of thirty went dark is no scatter, it is the
cost. What is not known is where the mean would have been without the fault. The seconds before
say how far it strays by itself, and the interval is as wide as that: zero where they do not
scatter at all.

Neighbouring seconds resemble each other. The seconds before are therefore put into five
batches in a row, whose means depend little on each other, and Student's t does the rest: the
method of batch means (B. Schmeiser, "Batch size effects in the analysis of simulation output",
Operations Research 30, 1982). Simulated with 10 s before and 30 s during, it covers the truth
in 94 of 100 runs where seconds are independent, in 90 where neighbours correlate by 0.3, and
in 85 by 0.5; with 30 s before, in 92. A block bootstrap needs far longer stretches (M. Chandy,
E. Schifano, J. Yan, "On sample size needed for block bootstrap confidence intervals to have
desired coverage rates", AJUR 20, 2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import fmean, variance

from pydantic import BaseModel, ConfigDict

BATCHES = 5
"""With more, batches of ten seconds are too short to be independent; with fewer, Student's t
is needlessly wide. Also the fewest seconds before for which an interval is given."""
STUDENT = 2.776
"""The 97.5 % point of Student's t for the four degrees of freedom of five batches."""


class Change(BaseModel):
    """How far a mean moved, and between what bounds the part of it that was no chance."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    change: float
    low: float | None
    """Bounds of the 95 % interval; None where there are too few seconds for one."""
    high: float | None

    @property
    def stands_out(self) -> bool:
        """Tell whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def change_of_mean(before: Sequence[float], during: Sequence[float]) -> Change | None:
    """Return the mean of `during` less that of `before`; None when either is empty.

    Both hold a value a second, in order of time.
    """
    if not before or not during:
        return None
    change = fmean(during) - fmean(before)
    if len(before) < BATCHES:
        return Change(change=change, low=None, high=None)
    squared_error = variance(_batch_means(before)) / BATCHES
    # The mean of `during` would have strayed too, by as much a second.
    squared_error *= 1 + len(before) / len(during)
    half = STUDENT * sqrt(squared_error)
    return Change(change=change, low=change - half, high=change + half)


def _batch_means(values: Sequence[float]) -> list[float]:
    """Return the means of five batches in a row, of equal length but for one second."""
    edges = [len(values) * index // BATCHES for index in range(BATCHES + 1)]
    return [fmean(values[start:end]) for start, end in pairwise(edges)]
