"""Draw columns of seconds as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chaos_runner.report.charts.chart import Line, Tick
from chaos_runner.report.charts.downsampling import Column
from chaos_runner.report.charts.geometry import (
    WIDTH,
    Point,
    TimeAxis,
    ValueAxis,
    area_path,
    line_path,
)
from chaos_runner.report.story.formatting import milliseconds

HEIGHT = 150
"""Pixels of a chart."""


@dataclass(frozen=True)
class Curve:
    """What one line of a chart shows of each column."""

    name: str
    style: str
    value: Callable[[Column], float | None]


def values_of(columns: Sequence[Column], curves: Sequence[Curve]) -> list[float]:
    """Return every value that any of the curves shows."""
    values = [curve.value(column) for column in columns for curve in curves]
    return [value for value in values if value is not None]


def lines_of(
    columns: Sequence[Column],
    axis: TimeAxis,
    values: ValueAxis,
    curves: Sequence[Curve],
    filled: str = "",
) -> tuple[Line, ...]:
    """Return the curves as lines; `filled` is the style of the one with an area below it."""
    lines = []
    for curve in curves:
        points = list(points_of(columns, axis, values, curve))
        area = area_path(points, values.height) if curve.style == filled else ""
        lines.append(Line(curve.name, curve.style, line_path(points), area))
    return tuple(lines)


def points_of(
    columns: Sequence[Column], axis: TimeAxis, values: ValueAxis, curve: Curve
) -> Iterator[Point | None]:
    """Yield a point a column, and None where columns are missing or nothing was measured."""
    for before, column in zip((None, *columns), columns, strict=False):
        if before is not None and column.index > before.index + 1:
            yield None
        value = curve.value(column)
        x = WIDTH * axis.fraction(column.middle)
        yield None if value is None else (x, values.pixel(value))


def count_ticks(values: ValueAxis) -> tuple[Tick, ...]:
    """Return the ticks of an axis of whole numbers."""
    return tuple(Tick(values.pixel(tick), f"{tick:,.0f}") for tick in values.ticks)


def latency_ticks(values: ValueAxis) -> tuple[Tick, ...]:
    """Return the ticks of an axis of milliseconds."""
    return tuple(Tick(values.pixel(tick), milliseconds(tick)) for tick in values.ticks)
