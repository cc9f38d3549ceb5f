"""Draw the four charts of a run as data; a template turns them into SVG.

All share one time axis, so that what happened at one moment stands in one vertical line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chaos_runner.kafka.measures import Health
from chaos_runner.report.chart import Chart, Line, Tick
from chaos_runner.report.columns import Column, columns_of
from chaos_runner.report.geometry import (
    WIDTH,
    Point,
    TimeAxis,
    ValueAxis,
    area_path,
    count_axis,
    latency_axis,
    line_path,
)
from chaos_runner.report.model import RunStory
from chaos_runner.report.tips import Tip, column_tips, health_tips
from chaos_runner.report.words import count, milliseconds

HEIGHT = 150
LONGEST_POLL = 5.0
"""Seconds without a health poll after which the line of the cluster's health breaks."""


@dataclass(frozen=True)
class _Curve:
    """Say what one line of a chart shows of each column."""

    name: str
    style: str
    value: Callable[[Column], float | None]


_THROUGHPUT = (
    _Curve("scheduled", "scheduled", lambda column: column.rate("scheduled")),
    _Curve("acknowledged", "acked", lambda column: column.rate("acked")),
    _Curve("read back", "seen", lambda column: column.rate("seen")),
)
_TROUBLE = (
    _Curve("lost", "lost", lambda column: column.counts.lost),
    _Curve("unknown", "unknown", lambda column: column.counts.unknown),
    _Curve("not read back", "unseen", lambda column: column.counts.unseen),
    _Curve("refused", "rejected", lambda column: column.counts.rejected),
)
_LATENCY = (
    _Curve("ack p50", "ack-p50", lambda column: column.ack.p50),
    _Curve("ack p99", "ack-p99", lambda column: column.ack.p99),
    _Curve("end to end p99", "e2e-p99", lambda column: column.end_to_end.p99),
)


def charts_of(story: RunStory, axis: TimeAxis) -> tuple[Chart, ...]:
    """Return the charts for which there is data."""
    charts: list[Chart] = []
    columns = columns_of(story.seconds)
    if columns:
        tips = column_tips(story, axis, columns)
        charts = [draw(columns, axis, tips) for draw in (_throughput, _trouble, _latency)]
    if story.health:
        charts.append(_cluster(story, axis))
    return tuple(charts)


def _throughput(columns: Sequence[Column], axis: TimeAxis, tips: tuple[Tip, ...]) -> Chart:
    if len(columns) > 1:
        columns = columns[:-1]  # sending stopped within the last second: it has no rate
    values = count_axis(max(_values(columns, _THROUGHPUT)), HEIGHT)
    lowest = min(column.rate("acked") for column in columns)
    return Chart(
        key="throughput",
        title="Throughput",
        unit="records per second",
        description=f"Fewest records acknowledged in a second: {lowest:,.0f}.",
        height=values.height,
        ticks=_count_ticks(values),
        lines=_lines(columns, axis, values, _THROUGHPUT, filled="acked"),
        tips=tips,
    )


def _trouble(columns: Sequence[Column], axis: TimeAxis, tips: tuple[Tip, ...]) -> Chart:
    highest = max(_values(columns, _TROUBLE))
    values = count_axis(highest, HEIGHT if highest else HEIGHT / 3)
    length = max(column.seconds for column in columns)
    told = ", ".join(f"{_sum(columns, curve)} {curve.name}" for curve in _TROUBLE)
    return Chart(
        key="trouble",
        title="Records in trouble",
        unit="records per second" if length == 1 else f"records per {length} seconds",
        description=f"In all: {told}.",
        height=values.height,
        ticks=_count_ticks(values),
        lines=tuple(_trouble_line(columns, axis, values, curve) for curve in _TROUBLE),
        tips=tips,
        quiet="" if highest else _no_trouble(columns),
    )


def _trouble_line(
    columns: Sequence[Column], axis: TimeAxis, values: ValueAxis, curve: _Curve
) -> Line:
    """Draw one kind of trouble; a kind that never came is named and not drawn."""
    total = _sum(columns, curve)
    points = _points(columns, axis, values, curve) if total != "0" else ()
    return Line(curve.name, curve.style, line_path(points), note=total)


def _no_trouble(columns: Sequence[Column]) -> str:
    """Claim no more than was written down: there may be columns missing."""
    complete = len(columns) == columns[-1].index + 1
    return "None" if complete else "None in what was written down"


def _sum(columns: Sequence[Column], curve: _Curve) -> str:
    return count(round(sum(_values(columns, (curve,)))))


def _latency(columns: Sequence[Column], axis: TimeAxis, tips: tuple[Tip, ...]) -> Chart:
    measured = _values(columns, _LATENCY)
    values = latency_axis(measured, HEIGHT)
    worst = max(_values(columns, (_LATENCY[1],)), default=None)
    return Chart(
        key="latency",
        title="Latency",
        unit="log scale; a record that did not arrive counts as long as it waited",
        description=f"Highest ack p99 of a second: {milliseconds(worst)}.",
        height=values.height,
        ticks=tuple(Tick(values.pixel(tick), milliseconds(tick)) for tick in values.ticks),
        lines=_lines(columns, axis, values, _LATENCY),
        tips=tips,
    )


def _cluster(story: RunStory, axis: TimeAxis) -> Chart:
    curves: tuple[tuple[str, str, Callable[[Health], int]], ...] = (
        ("brokers", "brokers", lambda health: health.brokers),
        ("under-replicated partitions", "under-replicated", lambda health: health.under_replicated),
        ("offline partitions", "offline", lambda health: health.offline),
    )
    highest = max(value(health) for health in story.health for _, _, value in curves)
    values = count_axis(highest, HEIGHT)
    most = max(health.under_replicated for health in story.health)
    return Chart(
        key="cluster",
        title="Cluster",
        unit="as its metadata tells",
        description=f"Most under-replicated partitions: {most}.",
        height=values.height,
        ticks=_count_ticks(values),
        lines=tuple(
            Line(name, style, line_path(_polls(story, axis, values, value), stepped=True))
            for name, style, value in curves
        ),
        tips=health_tips(story, axis),
    )


def _values(columns: Sequence[Column], curves: Sequence[_Curve]) -> list[float]:
    values = [curve.value(column) for column in columns for curve in curves]
    return [value for value in values if value is not None]


def _lines(
    columns: Sequence[Column],
    axis: TimeAxis,
    values: ValueAxis,
    curves: Sequence[_Curve],
    filled: str = "",
) -> tuple[Line, ...]:
    lines = []
    for curve in curves:
        points = list(_points(columns, axis, values, curve))
        area = area_path(points, values.height) if curve.style == filled else ""
        lines.append(Line(curve.name, curve.style, line_path(points), area))
    return tuple(lines)


def _points(
    columns: Sequence[Column], axis: TimeAxis, values: ValueAxis, curve: _Curve
) -> Iterator[Point | None]:
    """Yield a point a column, and None where columns are missing or nothing was measured."""
    for before, column in zip((None, *columns), columns, strict=False):
        if before is not None and column.index > before.index + 1:
            yield None
        value = curve.value(column)
        x = WIDTH * axis.fraction(column.middle)
        yield None if value is None else (x, values.pixel(value))


def _polls(
    story: RunStory, axis: TimeAxis, values: ValueAxis, value: Callable[[Health], int]
) -> Iterator[Point | None]:
    """Yield a point a poll, and None where polls are missing or got no answer."""
    for before, health in zip((None, *story.health), story.health, strict=False):
        if before is not None and health.elapsed - before.elapsed > LONGEST_POLL:
            yield None
        x = WIDTH * axis.fraction(health.elapsed)
        yield (x, values.pixel(value(health))) if health.answered else None


def _count_ticks(values: ValueAxis) -> tuple[Tick, ...]:
    return tuple(Tick(values.pixel(tick), f"{tick:,.0f}") for tick in values.ticks)
