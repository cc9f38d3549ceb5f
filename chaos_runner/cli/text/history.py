"""Runs and their figures as text for people, and as documents for programs."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf

from chaos_runner.learning.history.comparison import ComparedFigure, FigureTrend
from chaos_runner.learning.history.facts import FIGURES, FigureName, RunFacts
from chaos_runner.learning.history.figures import FIGURE_WORDS, amount_words, figure_words
from chaos_runner.learning.history.noise import Shift
from chaos_runner.report.story.formatting import many
from chaos_runner.shown import shown_line

_HEADINGS = ("started (UTC)", "run", "experiment", "verdict", *FIGURE_WORDS.values())
_NONE = "-"
_WIDEST = 100
"""Characters of a cell: one of a million would make each line of a table as long."""
_MOST_NAMED = 20


def brief(text: str) -> str:
    """Return the beginning of a text, on one line."""
    line = shown_line(text)
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def listed(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    named = ", ".join(map(brief, names[:_MOST_NAMED])) or "none"
    return named + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as columns of equal width, each on its line."""
    cells = [[brief(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)] if cells else []
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def runs_text(runs: Sequence[RunFacts]) -> str:
    """Return a line for each run, under headings."""
    return table([_HEADINGS, *(_row(run) for run in runs)])


def _row(run: RunFacts) -> tuple[str, ...]:
    figures = (figure_words(name, run.details.figures.get(name)) for name in FIGURES)
    what = run.experiment or run.kind
    return (f"{run.started:%Y-%m-%d %H:%M}", run.run, what, run.verdict or "unfinished", *figures)


def trend_words(trend: FigureTrend) -> str:
    """Say in a sentence how a figure moved, by how much, and between what bounds."""
    name, groups = FIGURE_WORDS[trend.figure], f"{many(trend.later, 'run')} after {trend.earlier}"
    if trend.shift is None:
        needed = f"; {trend.needed} would say it" if trend.needed else ""
        return f"{name}: too few runs to say ({groups}{needed})"
    bounds = _bounds(trend.figure, trend.shift)
    if trend.movement == "no clear change":
        return f"{name}: no clear change ({bounds}; {groups})"
    if isinf(trend.shift.estimate):
        end = "now without end" if trend.movement == "worse" else "had no end, and now has one"
        return f"{name}: {trend.movement}, {end} ({groups})"
    by = amount_words(trend.figure, abs(trend.shift.estimate))
    return f"{name}: {trend.movement} by {by} ({bounds}; {groups})"


def _bounds(figure: FigureName, shift: Shift) -> str:
    low = _signed(figure, shift.low)
    if isinf(shift.high) and not isinf(shift.low):
        return f"with 95% confidence at least {low}"
    return f"95% interval {low} to {_signed(figure, shift.high)}"


def _signed(figure: FigureName, value: float) -> str:
    if isinf(value):
        return amount_words(figure, value)
    sign = "-" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{amount_words(figure, abs(value))}"


def trend_document(trend: FigureTrend) -> dict[str, object]:
    """Return how a figure moved as JSON has it; null where it has no end."""
    shift = trend.shift
    return {
        "figure": trend.figure,
        "movement": trend.movement,
        "earlier_runs": trend.earlier,
        "later_runs": trend.later,
        "change": _finite(shift.estimate) if shift else None,
        "interval": [_finite(shift.low), _finite(shift.high)] if shift else None,
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or isinf(value) else value


def compared_text(first: RunFacts, second: RunFacts, figures: Sequence[ComparedFigure]) -> str:
    """Return two runs side by side, and what is usual."""
    rows: list[tuple[str, ...]] = [("", first.run, second.run, "usually", "second run")]
    rows.append(("experiment", first.experiment, second.experiment, "", ""))
    rows.append(("verdict", first.verdict or "unfinished", second.verdict or "unfinished", "", ""))
    for each in figures:
        one, two = (
            figure_words(each.figure, run.details.figures.get(each.figure))
            for run in (first, second)
        )
        rows.append((FIGURE_WORDS[each.figure], one, two, _usual(each), each.movement))
    return table(rows)


def _usual(compared: ComparedFigure) -> str:
    usual = compared.usual
    if usual is None:
        return _NONE
    low, high = (amount_words(compared.figure, value) for value in (usual.low, usual.high))
    return f"{low} to {high} in {usual.runs} runs, {100 * usual.chance:.0f}% outside by chance"


def compared_document(compared: ComparedFigure) -> dict[str, object]:
    """Return a compared figure as JSON has it; null where it has no end, or was not measured."""
    usual = compared.usual
    return {
        "figure": compared.figure,
        "first": _finite(compared.first),
        "second": _finite(compared.second),
        "usual": [_finite(usual.low), _finite(usual.high)] if usual else None,
        "usual_runs": usual.runs if usual else 0,
        "movement": compared.movement,
    }
