"""Arrange what each exposure group went through as a table, before the fault and during it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chaos_runner.report.story.client_view import ClientView, GroupStory
from chaos_runner.report.story.formatting import NOTHING, count, many, percentage, percentiles
from chaos_runner.report.story.records import PhaseLedger

GROUP_HEADINGS = ("Phase", "Availability", "Ack p50 / p99", "End to end p99", "Lost")


@dataclass(frozen=True)
class GroupRow:
    """One group in one phase; `cells` match GROUP_HEADINGS."""

    name: str
    partitions: str
    """Which ones; empty in the second row of a group."""
    cells: tuple[str, ...]


def group_rows(view: ClientView) -> tuple[GroupRow, ...]:
    """Return two rows a group: before the fault, and while it was held."""
    return tuple(row for group in view.groups for row in _rows(group))


def _rows(group: GroupStory) -> Iterator[GroupRow]:
    name = group.group.label.capitalize()
    partitions = f"{many(len(group.partitions), 'partition')}: {', '.join(group.partitions)}"
    yield GroupRow(name, partitions, ("before", *measured_cells(group.before), _before_lost(group)))
    yield GroupRow(name, "", ("during", *measured_cells(group.during), count(group.lost)))


def _before_lost(group: GroupStory) -> str:
    return count(group.before.lost) if group.before else NOTHING


def measured_cells(phase: PhaseLedger | None) -> tuple[str, str, str]:
    """Return availability, ack p50 and p99, and end to end p99 of a phase, where there is one."""
    if phase is None:
        return NOTHING, NOTHING, NOTHING
    return (
        percentage(phase.acked, phase.scheduled),
        percentiles(phase.ack, "p50", "p99"),
        percentiles(phase.end_to_end, "p99"),
    )
