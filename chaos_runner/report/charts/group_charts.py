"""Draw what each exposure group went through: a curve a group, so that the fault's reach shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chaos_runner.report.charts.chart import Chart, Line
from chaos_runner.report.charts.curves import (
    HEIGHT,
    Curve,
    count_ticks,
    latency_ticks,
    lines_of,
    values_of,
)
from chaos_runner.report.charts.downsampling import MOST_COLUMNS, MOST_TIPS, Column, columns_of
from chaos_runner.report.charts.geometry import TimeAxis, ValueAxis, latency_axis
from chaos_runner.report.charts.tooltips import Tip
from chaos_runner.report.story.client_view import GroupStory
from chaos_runner.report.story.formatting import milliseconds, moment_words, percentiles
from chaos_runner.report.story.model import RunStory

PERCENT_AXIS = ValueAxis(0, 100, HEIGHT, (0, 25, 50, 75, 100))


@dataclass(frozen=True)
class _Drawn:
    """One group and its columns."""

    group: GroupStory
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        return self.group.group.label


def group_charts(story: RunStory, axis: TimeAxis) -> tuple[Chart, ...]:
    """Return a chart of availability and one of latency; none where no groups were told apart."""
    if story.clients is None or not story.clients.groups:
        return ()
    drawn = _drawn(story, MOST_COLUMNS)
    tips = _tips(story, axis)
    return _availability(drawn, axis, tips), _latency(drawn, axis, tips)


def _drawn(story: RunStory, most: int) -> list[_Drawn]:
    return [
        _Drawn(group, columns_of(group.seconds, story.seconds, most))
        for group in (story.clients.groups if story.clients else ())
    ]


def _availability(drawn: Sequence[_Drawn], axis: TimeAxis, tips: tuple[Tip, ...]) -> Chart:
    lowest = [
        f"{each.name} {min(values_of(each.columns, [_AVAILABILITY]), default=100):.0f} %"
        for each in drawn
    ]
    return Chart(
        key="group-availability",
        title="Availability by group",
        unit="% of the records due",
        description=f"Lowest of a second: {', '.join(lowest)}.",
        height=HEIGHT,
        ticks=count_ticks(PERCENT_AXIS),
        lines=_lines(drawn, axis, PERCENT_AXIS, lambda column: column.availability),
        tips=tips,
    )


def _latency(drawn: Sequence[_Drawn], axis: TimeAxis, tips: tuple[Tip, ...]) -> Chart:
    measured = [value for each in drawn for value in values_of(each.columns, [_ACK_P99])]
    values = latency_axis(measured, HEIGHT)
    return Chart(
        key="group-latency",
        title="Ack p99 by group",
        unit="log scale",
        description=f"Highest of a second: {milliseconds(max(measured, default=None))}.",
        height=values.height,
        ticks=latency_ticks(values),
        lines=_lines(drawn, axis, values, lambda column: column.ack.p99),
        tips=tips,
    )


_AVAILABILITY = Curve("availability", "", lambda column: column.availability)
_ACK_P99 = Curve("ack p99", "", lambda column: column.ack.p99)


def _lines(
    drawn: Sequence[_Drawn],
    axis: TimeAxis,
    values: ValueAxis,
    value: Callable[[Column], float | None],
) -> tuple[Line, ...]:
    return tuple(
        line
        for each in drawn
        for line in lines_of(
            each.columns, axis, values, [Curve(each.name, f"group-{each.group.group}", value)]
        )
    )


def _tips(story: RunStory, axis: TimeAxis) -> tuple[Tip, ...]:
    """Return a tip a column, with a line a group."""
    drawn = _drawn(story, MOST_TIPS)
    by_index = [{column.index: column for column in each.columns} for each in drawn]
    return tuple(
        Tip(
            axis.percent(column.start),
            axis.width(column.start, column.end),
            "\n".join(
                (
                    moment_words(story, column.start),
                    *(
                        f"{each.name}: {_words(own.get(column.index))}"
                        for each, own in zip(drawn, by_index, strict=True)
                    ),
                )
            ),
        )
        for column in columns_of(story.seconds, most=MOST_TIPS)
    )


def _words(column: Column | None) -> str:
    if column is None or column.availability is None:
        return "no record due"
    return f"{column.availability:.0f} % acknowledged, ack p99 {percentiles(column.ack, 'p99')}"
