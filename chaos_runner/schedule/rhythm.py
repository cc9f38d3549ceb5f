"""When an experiment would come if nothing kept it away: by cron, or at random by the seed.

What is drawn depends on the seed, the experiment and the day alone, so it is the same from
wherever one begins to look: a service that starts anew draws what it drew before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from random import Random

from cronsim import CronSim

from chaos_runner.schedule.ordinary_week import OrdinaryWeek
from chaos_runner.schedule.values import DAY

LONGEST_CHANGE = timedelta(hours=3)
"""Longer than any change of a clock by the IANA database but those across the date line."""


def by_cron(line: str, zone: tzinfo, begin: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the times of a cron line from `begin` on and before `until`, in UTC.

    As with Debian's cron, a time of day that a change of the clock leaves out comes right after
    the change, and one that comes twice comes once; a line with `*` for hours or minutes goes on
    with the real time.
    """
    # From before any change of the clock: in an hour that comes twice a time could be doubled.
    local = (begin - LONGEST_CHANGE).astimezone(zone)
    last: datetime | None = None
    for each in CronSim(line, local):
        moment = each.astimezone(UTC)
        if moment >= until:
            return
        if moment >= begin and (last is None or moment > last):
            last = moment
            yield moment


def at_random(
    name: str,
    mean: float,
    week: OrdinaryWeek,
    zone: tzinfo,
    seed: int,
    begin: datetime,
    until: datetime,
) -> Iterator[datetime]:
    """Yield times at random from `begin` on and before `until`, in UTC, of whole seconds.

    They are a Poisson process over the hours in which the experiment may begin: gaps are
    exponential, each such moment is as likely as any other, and an ordinary week has as many as
    weeks have `mean` seconds. What falls on a holiday is not drawn anew.
    """
    pace = mean * week.seconds / (7 * DAY)
    """Open seconds from one to the next, on the average."""
    day = (begin.astimezone(zone) - timedelta(days=1)).date()
    last = (until.astimezone(zone) + timedelta(days=1)).date()
    while day <= last:
        for moment in _drawn(Random(f"{seed}/{name}/{day}"), pace, week, zone, day):  # noqa: S311
            if begin <= moment < until:
                yield moment
        day += timedelta(days=1)


def _drawn(
    random: Random, pace: float, week: OrdinaryWeek, zone: tzinfo, day: date
) -> Iterator[datetime]:
    """Walk through the open times of a day in exponential steps; two never fall on one second."""
    step = random.expovariate(1 / pace)
    last: datetime | None = None
    for begin, end in week.on(day, zone):
        start, length = begin.astimezone(UTC), (end.astimezone(UTC) - begin.astimezone(UTC))
        while step < length.total_seconds():
            moment = start + timedelta(seconds=int(step))
            if moment != last:
                last = moment
                yield moment
            step += random.expovariate(1 / pace)
        step -= max(0.0, length.total_seconds())
