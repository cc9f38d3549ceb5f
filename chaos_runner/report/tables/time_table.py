"""Arrange the times of an outage as a table: what clients saw beside what the cluster said."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaos_runner.analysis.moments import Time
from chaos_runner.analysis.outages import SHORTEST
from chaos_runner.analysis.times import IN_A_ROW, ClientTimes
from chaos_runner.report.story.client_view import ClientView
from chaos_runner.report.story.formatting import NOTHING, duration
from chaos_runner.report.tables.table_model import Cell, Row, Table
from chaos_runner.wording.reasons import reason_words

_CLIENT_ROWS: tuple[tuple[str, str, Callable[[ClientTimes], Time]], ...] = (
    ("Noticed", "fault on to the first sign of it", lambda times: times.detect),
    ("Failed over", "fault on to good again while it lasts", lambda times: times.failover),
    ("Recovered", "verified roll-back to good again", lambda times: times.recover),
    ("Longest outage", "one partition without an ack", lambda times: times.outage),
)
_NO_OUTAGE = f"< {SHORTEST:g} s"
GOOD_AGAIN = f"good again means {IN_A_ROW} good seconds in a row"


def time_table(view: ClientView) -> Table | None:
    """Return the table; None where neither clients nor cluster have a time to tell."""
    if view.times is None and view.cluster is None:
        return None
    groups = [group for group in view.groups if group.times is not None]
    columns = [view.times, *(group.times for group in groups)]
    headings = (
        "Clients saw",
        *(group.group.label.capitalize() for group in groups),
        "The cluster told",
    )
    rows = [
        Row(name, counted, (*_cells(columns, of), cluster))
        for (name, counted, of), cluster in zip(_CLIENT_ROWS, _cluster_cells(view), strict=True)
    ]
    bad = tuple(_bad_seconds(times) for times in columns)
    rows.append(Row("Bad seconds", "of those from the fault to the end", (*bad, _EMPTY)))
    return Table("Time", headings, tuple(rows))


_EMPTY = Cell(NOTHING)


def _cells(
    columns: Sequence[ClientTimes | None], of: Callable[[ClientTimes], Time]
) -> tuple[Cell, ...]:
    """Return a cell a column; only the first, over all partitions, has its note."""
    cells = [_EMPTY if times is None else _client_cell(times, of(times)) for times in columns]
    return (cells[0], *(Cell(cell.text, level=cell.level) for cell in cells[1:]))


def _client_cell(times: ClientTimes, time: Time) -> Cell:
    if time is times.outage and time.seconds == 0 and not time.censored:
        return Cell(_NO_OUTAGE, reason_words(time.reason))
    return time_cell(time)


def time_cell(time: Time) -> Cell:
    """Put a time into words: `6.5 s`, `> 42 s` with the reason, or a dash with the reason."""
    if time.seconds is None:
        return Cell(NOTHING, reason_words(time.reason))
    if time.censored:
        return Cell(f"> {duration(time.seconds)}", reason_words(time.reason), "doubtful")
    return Cell(duration(time.seconds), reason_words(time.reason))


def _cluster_cells(view: ClientView) -> tuple[Cell, ...]:
    cluster = view.cluster
    if cluster is None:
        return (_EMPTY,) * len(_CLIENT_ROWS)
    in_sync, preferred = time_cell(cluster.in_sync), time_cell(cluster.preferred)
    alike = in_sync == preferred and in_sync.text == NOTHING
    note = in_sync.note if alike else _both(in_sync, preferred)
    recovered = Cell(in_sync.text, note, in_sync.level)
    return time_cell(cluster.detect), time_cell(cluster.failover), recovered, _EMPTY


def _both(in_sync: Cell, preferred: Cell) -> str:
    return f"replicas in sync{_because(in_sync)}; preferred leaders {_said(preferred)}"


def _because(cell: Cell) -> str:
    return f" ({cell.note})" if cell.note else ""


def _said(cell: Cell) -> str:
    return cell.note if cell.text == NOTHING else f"{cell.text}{_because(cell)}"


def _bad_seconds(times: ClientTimes | None) -> Cell:
    if times is None:
        return _EMPTY
    return Cell(f"{times.bad_seconds} of {times.watched_seconds}")
