"""The values of a schedule file: cron lines, time zones, hours of a day, long times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from chaos_runner.units import format_duration, found, parse_duration

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
DAY = 86_400
"""Seconds of an ordinary day."""
_UNITS = {"d": DAY, "w": 7 * DAY}
_LONG = r"\d{1,4}(?:\.\d{1,3})?[dw]"
_HOURS = r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)"


def parse_long_duration(value: object) -> float:
    """Return the seconds of a text like `3d`, `2w` or `1h30m`; a day has 24 hours."""
    if isinstance(value, str) and re.fullmatch(_LONG, value, re.ASCII):
        return float(value[:-1]) * _UNITS[value[-1]]
    try:
        return parse_duration(value)
    except ValueError:
        raise ValueError(
            f"found {found(value)}; allowed is a time such as `30m`, `2h`, `3d` or `2w`"
        ) from None


def format_long_duration(seconds: float) -> str:
    """Return seconds as the shortest text that `parse_long_duration` reads."""
    days = seconds / DAY
    return f"{days:g}d" if days >= 1 and days == round(days, 3) else format_duration(seconds)


def zone_of(name: str) -> tzinfo:
    """Return a time zone of the IANA database by its name; raise ValueError for any other."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a file that is none, a path, an unknown name
        raise ValueError(
            f"found {found(name)}; allowed is a time zone that this machine knows, such as "
            "`Europe/Zurich` (Debian's package tzdata has them)"
        ) from None


def _zone_name(name: str) -> str:
    zone_of(name)
    return name


def _cron_line(line: str) -> str:
    """Return a cron expression of five fields that comes at least once in fifty years."""
    allowed = "allowed are the five fields of cron, such as `30 9 * * tue,thu`"
    if len(line) > 200 or len(line.split()) != 5 or not line.isascii():
        raise ValueError(f"found {found(line)}; {allowed}")
    try:
        next(CronSim(line, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        raise ValueError(f"found {found(line)}: {error}; {allowed}") from None
    except StopIteration:
        raise ValueError(f"found {found(line)}, which never comes") from None
    return line


def minutes_of(hours: str) -> tuple[int, int]:
    """Return the first minute of a day, and the first after, of `09:00-12:30`."""
    match = re.fullmatch(_HOURS, hours, re.ASCII)
    if match is not None:
        first, end = (
            int(match[1]) * 60 + int(match[2]),
            int(match[3]) * 60 + int(match[4]),
        )
        if first < end <= 24 * 60:
            return first, end
    raise ValueError(
        f"found {found(hours)}; allowed are hours of one day such as `09:00-12:30`; over midnight "
        "write two: `22:00-24:00` and `00:00-02:00`"
    )


def _hours(hours: str) -> str:
    minutes_of(hours)
    return hours


LongDuration = Annotated[
    float,
    BeforeValidator(parse_long_duration),
    PlainSerializer(format_long_duration, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["30m", "2h", "3d", "2w"]}),
]
"""Seconds; written as `30m`, `2h`, `3d`, `2w`."""
ZoneName = Annotated[str, AfterValidator(_zone_name)]
CronLine = Annotated[str, AfterValidator(_cron_line)]
Hours = Annotated[str, AfterValidator(_hours)]
