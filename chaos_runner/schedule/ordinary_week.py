"""The ordinary week of a schedule: the hours in which an experiment of some length may begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from chaos_runner.experiment.clock import WEEKDAYS, minutes_of
from chaos_runner.schedule.models import Windows
from chaos_runner.units import format_duration

_DAY = 24 * 60
_WEEK = 7 * _DAY
Span = tuple[float, float]
"""Minutes from Monday's midnight; the second is the first that does not belong to it."""


@dataclass(frozen=True)
class OrdinaryWeek:
    """When an experiment may begin in a week without holidays, freezes and clock changes."""

    days: tuple[tuple[Span, ...], ...]
    """Of each weekday, in minutes of that day."""

    @property
    def seconds(self) -> float:
        """Return the length of all of them together."""
        return 60 * sum(end - begin for day in self.days for begin, end in day)

    def on(self, day: date, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """Yield the times of one day, as that day really was: it may have 23 or 25 hours."""
        midnight = datetime.combine(day, time(), zone)
        for begin, end in self.days[day.weekday()]:
            yield _at(midnight, begin), _at(midnight, end)


def _at(midnight: datetime, minutes: float) -> datetime:
    """Return a time of the wall clock; the first one where it comes twice."""
    return midnight + timedelta(minutes=minutes)  # in a zone, Python adds to the wall clock


def ordinary_week(windows: Windows, seconds: float) -> OrdinaryWeek:
    """Return when an experiment that takes so long may begin, so that it also ends in a window.

    Raises ValueError where no window is long enough.
    """
    spans = [(begin, end - seconds / 60) for begin, end in open_spans(windows)]
    if open_spans(windows) == [(0, _WEEK)]:
        spans = [(0, _WEEK)]
    pieces: list[list[Span]] = [[] for _ in WEEKDAYS]
    for begin, end in spans:
        while begin < end:
            number, offset = divmod(begin, _DAY)
            piece = min(end - begin, _DAY - offset)
            pieces[int(number) % 7].append((offset, offset + piece))
            begin += piece
    if not any(pieces):
        raise ValueError(
            f"takes some {format_duration(round(seconds))}, and no window is longer than that"
        )
    return OrdinaryWeek(tuple(tuple(sorted(day)) for day in pieces))


def open_spans(windows: Windows) -> list[Span]:
    """Return the windows of a week, those that touch joined: over midnight, and over Sunday's."""
    spans: list[Span] = sorted(
        (begin + _DAY * WEEKDAYS.index(weekday), end + _DAY * WEEKDAYS.index(weekday))
        for weekday in set(windows.weekdays)
        for begin, end in map(minutes_of, windows.hours)
    )
    joined: list[Span] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    if len(joined) > 1 and joined[0][0] == 0 and joined[-1][1] == _WEEK:
        _, end = joined.pop(0)
        joined[-1] = (joined[-1][0], _WEEK + end)
    return joined
