"""Arrange what the load beside the probe did as a table, and say what it was."""

from __future__ import annotations

from chaos_runner.report.story.formatting import NOTHING, count, milliseconds
from chaos_runner.report.story.records import LoadStory

LOAD_HEADINGS = ("Phase", "Records", "Records/s", "Ack on average", "Ack at most")


def load_rows(load: LoadStory) -> tuple[tuple[str, ...], ...]:
    """Return a row for each phase in which it reported; the cells match LOAD_HEADINGS."""
    return tuple(
        (
            each.phase,
            count(each.records),
            f"{each.per_second:,.0f}",
            milliseconds(each.average) if each.records else NOTHING,
            milliseconds(each.longest) if each.records else NOTHING,
        )
        for each in load.phases
    )


def load_note(load: LoadStory) -> str:
    """Say what the load was asked for, where it ran, and whether it lasted."""
    where = f"on {load.host}" if load.host else "on the control node"
    ends = {True: "", False: " It ended before the run did.", None: " Its end is not known."}
    return (
        f"producer-perf-test of Kafka {where}, asked for {load.rate:,g} records/s of "
        f"{count(load.size)} bytes to {load.topic}; its own figures, which nobody checked."
        + ends[load.ended_by_run]
    )
