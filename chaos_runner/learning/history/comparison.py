"""What got faster and what regressed: over the runs of an experiment, or between two runs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import inf
from typing import Literal

from chaos_runner.learning.history.facts import FIGURES, FigureName, RunFacts
from chaos_runner.learning.history.noise import (
    MOST_COMPARED,
    Shift,
    UsualRange,
    fewest,
    shift_of,
    usual_range,
)

Movement = Literal["better", "worse", "no clear change", "too few runs"]
RESOLUTION: dict[FigureName, float] = {
    "loss": 0.0,
    "notice": 1.0,
    "fail_over": 1.0,
    "recover": 1.0,
    "outage": 1.0,
}
"""What is not more than this is no change: times are right to about a second."""


@dataclass(frozen=True)
class FigureTrend:
    """How one figure moved from the earlier runs to the later ones."""

    figure: FigureName
    movement: Movement
    earlier: int
    later: int
    """Runs of each group in which it was measured."""
    shift: Shift | None = None
    needed: int | None = None
    """How many later runs could be compared with the earlier ones, where they are too few."""


def values_of(runs: Sequence[RunFacts], figure: FigureName) -> list[float]:
    """Return a figure of the newest runs that measured it; infinite where its end was not seen.

    At most as many as are compared: older ones are not even looked at.
    """
    measured = (
        run.details.figures[figure] for run in reversed(runs) if figure in run.details.figures
    )
    newest = list(islice(measured, MOST_COMPARED))[::-1]
    return [inf if each.censored else each.value for each in newest]


def trends(
    earlier: Sequence[RunFacts],
    later: Sequence[RunFacts],
    figures: Sequence[FigureName] = FIGURES,
    *,
    one_sided: bool = False,
) -> list[FigureTrend]:
    """Return how each of the figures moved that was measured in either group.

    `one_sided` asks for what got worse alone, which takes fewer runs to see.
    """
    moved = []
    for figure in figures:
        before, after = values_of(earlier, figure), values_of(later, figure)
        if before or after:
            moved.append(_trend(figure, before, after, one_sided=one_sided))
    return moved


def _trend(
    figure: FigureName, earlier: list[float], later: list[float], *, one_sided: bool
) -> FigureTrend:
    sizes = (len(earlier), len(later))
    shift = shift_of(earlier, later, one_sided=one_sided)
    if shift is None:
        needed = fewest(sizes[0], one_sided=one_sided)
        return FigureTrend(figure, "too few runs", *sizes, needed=needed)
    return FigureTrend(figure, _movement(shift, RESOLUTION[figure]), *sizes, shift=shift)


def _movement(shift: Shift, resolution: float) -> Movement:
    if shift.low > resolution:
        return "worse"
    return "better" if shift.high < -resolution else "no clear change"


def halves(runs: Sequence[RunFacts]) -> tuple[Sequence[RunFacts], Sequence[RunFacts]]:
    """Return the earlier and the later half of the newest runs."""
    newest = runs[-2 * MOST_COMPARED :]
    middle = len(newest) // 2
    return newest[:middle], newest[middle:]


@dataclass(frozen=True)
class ComparedFigure:
    """One figure of two runs; each is None where it was not measured, infinite without an end."""

    figure: FigureName
    first: float | None
    second: float | None
    usual: UsualRange | None
    """Of the other runs of the second run's experiment."""

    @property
    def movement(self) -> Movement:
        """Return whether the second is out of what is usual, and in which direction."""
        if self.usual is None or self.second is None:
            return "too few runs"
        if self.second > self.usual.high + RESOLUTION[self.figure]:
            return "worse"
        lowest = self.usual.low - RESOLUTION[self.figure]
        return "better" if self.second < lowest else "no clear change"


def compare(first: RunFacts, second: RunFacts, others: Sequence[RunFacts]) -> list[ComparedFigure]:
    """Set two runs side by side; `others` says what is usual, both runs left out of it."""
    rest = [run for run in others if run.run not in (first.run, second.run)]
    compared = []
    for figure in FIGURES:
        one, two = (next(iter(values_of([run], figure)), None) for run in (first, second))
        if one is not None or two is not None:
            usual = usual_range(values_of(rest, figure))
            compared.append(ComparedFigure(figure, one, two, usual))
    return compared
