"""Draw the charts of a run as data; a template turns them into SVG.

All share one time axis, so that what happened at one moment stands in one vertical line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from math import ceil
from operator import itemgetter

from chaos_runner.measurements.model import Health
from chaos_runner.report.charts.chart import Chart, Line
from chaos_runner.report.charts.curves import (
    HEIGHT,
    Curve,
    count_ticks,
    latency_ticks,
    lines_of,
    points_of,
    values_of,
)
from chaos_runner.report.charts.downsampling import MOST_COLUMNS, MOST_TIPS, Column, columns_of
from chaos_runner.report.charts.geometry import (
    WIDTH,
    Point,
    TimeAxis,
    ValueAxis,
    count_axis,
    latency_axis,
    line_path,
)
from chaos_runner.report.charts.group_charts import group_charts
from chaos_runner.report.charts.tooltips import Tip, column_tips, health_tips
from chaos_runner.report.story.formatting import count, milliseconds
from chaos_runner.report.story.model import RunStory

LONGEST_POLL = 5.0
"""Seconds without a health poll after which the line of the cluster's health breaks."""


_THROUGHPUT = (
    Curve("scheduled", "scheduled", lambda column: column.rate("scheduled")),
    Curve("acknowledged", "acked", lambda column: column.rate("acked")),
    Curve("consumed", "consumed", lambda column: column.rate("consumed")),
)
_TROUBLE = (
    Curve("lost", "lost", lambda column: column.counts.lost),
    Curve("indeterminate", "indeterminate", lambda column: column.counts.indeterminate),
    Curve("not yet consumed", "not-yet-consumed", lambda column: column.counts.not_yet_consumed),
    Curve("refused", "rejected", lambda column: column.counts.rejected),
)
_LATENCY = (
    Curve("ack p50", "ack-p50", lambda column: column.ack.p50),
    Curve("ack p99", "ack-p99", lambda column: column.ack.p99),
    Curve("end to end p99", "e2e-p99", lambda column: column.end_to_end.p99),
)
_CLUSTER: tuple[tuple[str, str, Callable[[Health], int | None]], ...] = (
    ("brokers", "brokers", lambda health: health.brokers),
    ("under-replicated partitions", "under-replicated", lambda health: health.under_replicated),
    ("below min.insync.replicas", "under-min-isr", lambda health: health.under_min_isr),
    ("offline partitions", "offline", lambda health: health.offline),
)


def charts_of(story: RunStory, axis: TimeAxis) -> tuple[Chart, ...]:
    """Return the charts for which there is data."""
    charts: list[Chart] = []
    columns = columns_of(story.seconds)
    if columns:
        tips = column_tips(story, axis, columns_of(story.seconds, most=MOST_TIPS))
        charts = [draw(columns, axis, tips) for draw in (_throughput, _trouble, _latency)]
        charts += group_charts(story, axis)
    if story.health:
        charts.append(_cluster(story, axis))
    return tuple(charts)


def _throughput(columns: Sequence[Column], axis: TimeAxis, tips: tuple[Tip, ...]) -> Chart:
    if len(columns) > 1:
        columns = columns[:-1]  # sending stopped within the last second: it has no rate
    values = count_axis(max(values_of(columns, _THROUGHPUT)), HEIGHT)
    lowest = min(column.rate("acked") for column in columns)
    return Chart(
        key="throughput",
        title="Throughput",
        unit="records per second",
        description=f"Fewest records acknowledged in a second: {lowest:,.0f}.",
        height=values.height,
        ticks=count_ticks(values),
        lines=lines_of(columns, axis, values, _THROUGHPUT, filled="acked"),
        tips=tips,
    )


def _trouble(columns: Sequence[Column], axis: TimeAxis, tips: tuple[Tip, ...]) -> Chart:
    highest = max(values_of(columns, _TROUBLE))
    values = count_axis(highest, HEIGHT if highest else HEIGHT / 3)
    length = max(column.seconds for column in columns)
    told = ", ".join(f"{_sum(columns, curve)} {curve.name}" for curve in _TROUBLE)
    return Chart(
        key="trouble",
        title="Records in trouble",
        unit="records per second" if length == 1 else f"records per {length} seconds",
        description=f"In all: {told}.",
        height=values.height,
        ticks=count_ticks(values),
        lines=tuple(_trouble_line(columns, axis, values, curve) for curve in _TROUBLE),
        tips=tips,
        quiet="" if highest else _no_trouble(columns),
    )


def _trouble_line(
    columns: Sequence[Column], axis: TimeAxis, values: ValueAxis, curve: Curve
) -> Line:
    """Draw one kind of trouble; a kind that never came is named and not drawn."""
    total = _sum(columns, curve)
    points = points_of(columns, axis, values, curve) if total != "0" else ()
    return Line(curve.name, curve.style, line_path(points), note=total)


def _no_trouble(columns: Sequence[Column]) -> str:
    """Claim no more than was written down: there may be columns missing."""
    complete = len(columns) == columns[-1].index + 1
    return "None" if complete else "None in what was written down"


def _sum(columns: Sequence[Column], curve: Curve) -> str:
    return count(round(sum(values_of(columns, (curve,)))))


def _latency(columns: Sequence[Column], axis: TimeAxis, tips: tuple[Tip, ...]) -> Chart:
    measured = values_of(columns, _LATENCY)
    values = latency_axis(measured, HEIGHT)
    worst = max(values_of(columns, (_LATENCY[1],)), default=None)
    return Chart(
        key="latency",
        title="Latency",
        unit="log scale; a record that did not arrive counts as long as it waited",
        description=f"Highest ack p99 of a second: {milliseconds(worst)}.",
        height=values.height,
        ticks=latency_ticks(values),
        lines=lines_of(columns, axis, values, _LATENCY),
        tips=tips,
    )


def _cluster(story: RunStory, axis: TimeAxis) -> Chart:
    known = [health.under_min_isr for health in story.health if health.under_min_isr is not None]
    curves = [curve for curve in _CLUSTER if curve[1] != "under-min-isr" or known]
    highest = max(value(health) or 0 for health in story.health for _, _, value in curves)
    values = count_axis(highest, HEIGHT)
    most = max(health.under_replicated for health in story.health)
    places = [WIDTH * axis.fraction(health.elapsed) for health in story.health]
    return Chart(
        key="cluster",
        title="Cluster",
        unit="as its metadata tells",
        description=(
            f"Most under-replicated partitions: {most}; most below min.insync.replicas: "
            f"{max(known, default='unknown')}."
        ),
        height=values.height,
        ticks=count_ticks(values),
        lines=tuple(_cluster_line(story, places, values, *curve) for curve in curves),
        tips=health_tips(story, axis),
    )


def _cluster_line(
    story: RunStory,
    places: Sequence[float],
    values: ValueAxis,
    name: str,
    style: str,
    value: Callable[[Health], int | None],
) -> Line:
    """Draw one figure of the cluster; one that was always zero is named and not drawn.

    `places` are where its polls stand, of `WIDTH`.
    """
    if not any(value(health) for health in story.health):
        return Line(name, style, "", note="0")
    points = _without_repeats(_polls(story, places, values, value))
    return Line(name, style, line_path(points, stepped=True))


def _polls(
    story: RunStory,
    places: Sequence[float],
    values: ValueAxis,
    value: Callable[[Health], int | None],
) -> Iterator[Point | None]:
    """Yield a point a poll, and None where polls are missing, got no answer, or do not tell."""
    pixel = cache(values.pixel)  # a day has 86,000 polls, and few numbers
    before = story.health[0].elapsed
    for x, health in zip(places, story.health, strict=True):
        if health.elapsed - before > LONGEST_POLL:
            yield None
        before = health.elapsed
        number = value(health) if health.answered else None
        yield None if number is None else (x, pixel(number))


def _without_repeats(points: Iterable[Point | None]) -> list[Point | None]:
    """Return the points of a stepped line of which others do not say the same.

    What changes more often than a chart has columns is reduced to the lowest and the highest of
    each column.
    """
    every = list(points)
    if len(every) > 2 * MOST_COLUMNS:
        length = ceil(len(every) / MOST_COLUMNS)
        parts = (every[start : start + length] for start in range(0, len(every), length))
        every = [point for part in parts for point in _extremes(part)]
    return [
        point
        for before, point, after in zip((None, *every), every, (*every[1:], None), strict=False)
        if before is None or point is None or after is None or before[1] != point[1]
    ]


def _extremes(part: Sequence[Point | None]) -> list[Point | None]:
    """Return the first, the lowest and the highest point in order of time, and a gap if any."""
    known = [point for point in part if point is not None]
    if not known:
        return [None]
    lowest, highest = (choose(known, key=itemgetter(1)) for choose in (min, max))
    kept: list[Point | None] = [*sorted({known[0], lowest, highest})]
    return kept if len(known) == len(part) else [*kept, None]
