"""Times of day, hours of weekdays and time zones, as people write them in a file."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from chaos_runner.faults.values import Matching
from chaos_runner.units import found

_DAY = 24 * 60
"""Minutes of an ordinary day."""


def zone_of(name: str) -> tzinfo:
    """Return a time zone of the IANA database by its name; raise ValueError for any other."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a file that is none, a path, an unknown name
        raise ValueError(
            f"found {found(name)}, which is no time zone that this machine knows; allowed is a "
            "name such as `Europe/Vienna`, or `UTC` (Debian's package tzdata has them)"
        ) from None


def _known_zone(name: str) -> str:
    zone_of(name)
    return name


ClockTime = Annotated[
    str, Matching(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", "a time of day from 00:00 to 23:59", "09:30")
]
"""Hours and minutes; `clock_time` returns them as a time."""
TimeZone = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9_+-]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){0,3}",
        "the name of a time zone",
        "Europe/Vienna",
    ),
    AfterValidator(_known_zone),
]


def clock_time(text: str) -> time:
    """Return the time of day that a ClockTime means."""
    return time.fromisoformat(text)


def _hours(text: str) -> str:
    minutes_of(text)
    return text


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
Hours = Annotated[str, AfterValidator(_hours)]
"""Hours of one day; written as `09:00-12:30`, to `24:00` at most."""


def minutes_of(hours: str) -> tuple[int, int]:
    """Return the first minute of a day, and the first after, of `09:00-12:30`."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", hours, re.ASCII)
    if match is not None:
        first, end = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
        if first < end <= _DAY:
            return first, end
    raise ValueError(
        f"found {found(hours)}; allowed are hours of one day such as `09:00-12:30`; over midnight "
        "write two: `22:00-24:00` and `00:00-02:00`"
    )


def open_until(
    moment: datetime, weekdays: Collection[Weekday], hours: Sequence[str], zone: str
) -> datetime | None:
    """Return until when hours of some weekdays go on from a moment without a gap.

    None where the moment lies outside of them. Looks at most a week ahead.
    """
    spans = sorted(map(minutes_of, hours))
    until = None
    for _ in range(7 * (len(spans) + 1)):
        end = _span_end(until or moment, weekdays, spans, zone_of(zone))
        if end is None:
            break
        until = end
    return until


def _span_end(
    moment: datetime,
    weekdays: Collection[Weekday],
    spans: Sequence[tuple[int, int]],
    zone: tzinfo,
) -> datetime | None:
    local = moment.astimezone(zone)
    if WEEKDAYS[local.weekday()] not in weekdays:
        return None
    minute = local.hour * 60 + local.minute
    ends = [end for first, end in spans if first <= minute < end]
    if not ends:
        return None
    days, minutes = divmod(max(ends), _DAY)
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone).astimezone(UTC)
