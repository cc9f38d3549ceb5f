"""Say what a chart shows at one moment, for whoever points at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos_runner.measurements.model import Health
from chaos_runner.report.charts.downsampling import MOST_TIPS, Column
from chaos_runner.report.charts.geometry import TimeAxis
from chaos_runner.report.story.formatting import count, moment_words, percentiles
from chaos_runner.report.story.model import RunStory


@dataclass(frozen=True)
class Tip:
    """The words for one column of a chart, and where the column lies."""

    left: str
    width: str
    text: str


def column_tips(story: RunStory, axis: TimeAxis, columns: Sequence[Column]) -> tuple[Tip, ...]:
    """Return one tip a column, the same for every chart of the probe."""
    return tuple(
        Tip(
            axis.percent(column.start),
            axis.width(column.start, column.end),
            _column_text(story, column),
        )
        for column in columns
    )


def health_tips(story: RunStory, axis: TimeAxis) -> tuple[Tip, ...]:
    """Return tips for the cluster's health, of every poll or of the worst of every so many."""
    every = len(story.health) // MOST_TIPS + 1
    parts = (story.health[start : start + every] for start in range(0, len(story.health), every))
    polls = [max(part, key=_trouble) for part in parts]
    ends = [poll.elapsed for poll in polls[1:]] + [polls[-1].elapsed + every]
    return tuple(
        Tip(axis.percent(poll.elapsed), axis.width(poll.elapsed, end), _health_text(story, poll))
        for poll, end in zip(polls, ends, strict=True)
    )


def _trouble(health: Health) -> tuple[bool, int, int, int, int]:
    """Return what makes one poll worse than another."""
    below = health.under_min_isr or 0
    return (
        not health.answered,
        health.offline,
        below,
        health.under_replicated,
        health.leader_moves,
    )


def _column_text(story: RunStory, column: Column) -> str:
    counts = column.counts
    length = f" (of {column.seconds} s)" if column.seconds > 1 else ""
    return "\n".join(
        (
            f"{moment_words(story, column.start)} · {', '.join(column.phases)}{length}",
            f"scheduled {count(counts.scheduled)}, acknowledged {count(counts.acked)}, "
            f"consumed {count(counts.consumed)}",
            f"lost {counts.lost}, indeterminate {counts.indeterminate}, "
            f"not yet consumed {counts.not_yet_consumed}, "
            f"refused {counts.rejected}",
            f"ack p50 {percentiles(column.ack, 'p50')}, p99 {percentiles(column.ack, 'p99')}, "
            f"max {percentiles(column.ack, 'max')}",
            f"end to end p50 {percentiles(column.end_to_end, 'p50')}, "
            f"p99 {percentiles(column.end_to_end, 'p99')}",
        )
    )


def _health_text(story: RunStory, health: Health) -> str:
    refusing = "unknown" if health.under_min_isr is None else health.under_min_isr
    state = (
        f"{health.brokers} brokers, {health.under_replicated} under-replicated, "
        f"{refusing} below min.insync.replicas, {health.offline} offline, "
        f"{health.not_preferred} not led by their preferred broker"
    )
    answer = state if health.answered else f"no answer; before: {state}"
    return f"{moment_words(story, health.elapsed)}\n{answer}"
