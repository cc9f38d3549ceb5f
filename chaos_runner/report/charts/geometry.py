"""Turn values into positions: axes with round ticks, and lines that break where data does.

Charts have no fixed width: x runs from 0 to `WIDTH` and is stretched to the page, and labels
are placed in percent, so that text keeps its size on a phone and on paper. y is in pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH = 1000
Point = tuple[float, float]
"""x of `WIDTH`, y in pixels."""
_ROUND = (1, 2, 5, 10)
_TIME_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_MOST_TIME_TICKS = 10


@dataclass(frozen=True)
class TimeAxis:
    """Seconds since the run started, mapped to the width of a chart."""

    start: float
    end: float

    def fraction(self, elapsed: float) -> float:
        """Return where a moment lies, 0 to 1; what is outside is put on the edge."""
        inside = min(max(elapsed, self.start), self.end)
        return (inside - self.start) / (self.end - self.start)

    def percent(self, elapsed: float) -> str:
        """Return where a moment lies as `12.34%`."""
        return f"{100 * self.fraction(elapsed):.2f}%"

    def width(self, start: float, end: float) -> str:
        """Return the width of a span as `12.34%`."""
        return f"{100 * (self.fraction(end) - self.fraction(start)):.2f}%"

    def ticks(self) -> list[float]:
        """Return at most ten round moments."""
        length = self.end - self.start
        step = next((s for s in _TIME_STEPS if length / s <= _MOST_TIME_TICKS), _TIME_STEPS[-1])
        first = ceil(self.start / step)
        return [index * step for index in range(first, floor(self.end / step) + 1)]


@dataclass(frozen=True)
class ValueAxis:
    """Values, mapped to pixels from the top of a chart; `ticks` are the values to label."""

    low: float
    high: float
    height: float
    ticks: tuple[float, ...]
    logarithmic: bool = False

    def pixel(self, value: float) -> float:
        """Return the distance from the top; what is outside is put on the edge."""
        inside = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = log10(inside / self.low) / log10(self.high / self.low)
        else:
            share = (inside - self.low) / (self.high - self.low)
        return round(self.height * (1 - share), 2)


def count_axis(highest: float, height: float) -> ValueAxis:
    """Return an axis from 0 with two to four whole-numbered steps above the highest value."""
    step = max(1.0, _round_up(highest / 3.5))
    steps = max(1, ceil(highest * 1.04 / step))
    return ValueAxis(0, steps * step, height, tuple(index * step for index in range(steps + 1)))


def latency_axis(values: Iterable[float], height: float) -> ValueAxis:
    """Return a logarithmic axis around positive values, at least one decade long."""
    positive = [value for value in values if value > 0] or [1.0]
    low, high = _round_down(min(positive)), _round_up(max(positive))
    marks: tuple[int, ...] = (1, 2, 5)
    if high > low * 30:  # so wide that whole decades are marks enough
        low, high, marks = 10.0 ** floor(log10(low)), 10.0 ** ceil(log10(high)), (1,)
    high = max(high, low * 10)
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    ticks = [mark * 10.0**decade for decade in decades for mark in marks]
    inside = tuple(tick for tick in ticks if low * 0.999 <= tick <= high * 1.001)
    return ValueAxis(low, high, height, inside, logarithmic=True)


def line_path(points: Iterable[Point | None], *, stepped: bool = False) -> str:
    """Return SVG path data through points (x, y); None breaks the line.

    A point alone between two breaks becomes a line of no length, which round line ends draw
    as a dot. A stepped line holds each value until the next point.
    """
    commands: list[str] = []
    for segment in _segments(points):
        commands.append(f"M{_number(segment[0][0])} {_number(segment[0][1])}")
        for x, y in segment[1:]:
            commands.append(
                f"H{_number(x)}V{_number(y)}" if stepped else f"L{_number(x)} {_number(y)}"
            )
        if len(segment) == 1:
            commands.append("h0")
    return "".join(commands)


def area_path(points: Iterable[Point | None], bottom: float) -> str:
    """Return SVG path data of the areas between the line and the bottom."""
    areas = []
    for segment in _segments(points):
        line = "L".join(f"{_number(x)} {_number(y)}" for x, y in segment)
        first, last = _number(segment[0][0]), _number(segment[-1][0])
        areas.append(f"M{first} {_number(bottom)}L{line}L{last} {_number(bottom)}Z")
    return "".join(areas)


def _segments(
    points: Iterable[Point | None],
) -> list[list[Point]]:
    segments: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            segments.append([])
        else:
            segments[-1].append(point)
    return [segment for segment in segments if segment]


def _round_up(value: float) -> float:
    if value <= 0:
        return 1.0
    decade: float = 10.0 ** floor(log10(value))
    return next(mark * decade for mark in _ROUND if mark * decade >= value * 0.999)


def _round_down(value: float) -> float:
    decade: float = 10.0 ** floor(log10(value))
    return max(mark * decade for mark in _ROUND if mark * decade <= value * 1.001)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
