"""Why nothing may come at a time: the hours, a holiday, a freeze, the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo

from chaos_runner.experiment.clock import WEEKDAYS, minutes_of
from chaos_runner.schedule.calendar_file import ClosedTime
from chaos_runner.schedule.country import holiday_on
from chaos_runner.schedule.models import Windows

_STEP = timedelta(minutes=5)
"""Between two looks within a run: nobody keeps windows shorter than that apart."""


def outside_hours(windows: Windows, zone: tzinfo, begin: datetime, seconds: float) -> str:
    """Return why a run would not lie in the hours of the windows; nothing where it would."""
    hours = [minutes_of(each) for each in windows.hours]
    for moment in _moments(begin, seconds):
        local = moment.astimezone(zone)
        weekday = WEEKDAYS[local.weekday()]
        minute = local.hour * 60 + local.minute
        if weekday in windows.weekdays and any(first <= minute < end for first, end in hours):
            continue
        which = "it would begin" if moment == begin else "it would still be on"
        return f"{which} on {weekday} at {local:%H:%M}, outside the hours of its windows"
    return ""


def closed_because(
    windows: Windows, zone: tzinfo, closed: Iterable[ClosedTime], begin: datetime, seconds: float
) -> str:
    """Return the holiday, freeze or event that a run would meet; nothing where it meets none.

    `closed` has the events of the windows' calendar.
    """
    end = begin + timedelta(seconds=seconds)
    for event in closed:
        if event.begin < end and begin < event.end:
            return f"the calendar has `{event.reason}`"
    for day in _days(zone, begin, end):
        for freeze in windows.freezes:
            if freeze.first_day <= day <= freeze.last_day:
                return f"{day} is frozen: {freeze.reason}"
        for each in windows.holidays:
            name = holiday_on(day, each.country, each.subdivision)
            if name:
                return f"{day} is a holiday in {each.country}: {name}"
    return ""


def _moments(begin: datetime, seconds: float) -> Iterator[datetime]:
    """Yield times of a run, the last one right before its end."""
    last = begin + timedelta(seconds=max(0.0, seconds - 1))
    moment = begin
    while moment < last:
        yield moment
        moment += _STEP
    yield last


def _days(zone: tzinfo, begin: datetime, end: datetime) -> Iterator[date]:
    day = begin.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        yield day
        day += timedelta(days=1)
