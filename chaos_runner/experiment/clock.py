"""Times of day and time zones, as people write them in a file."""

from __future__ import annotations

from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from chaos_runner.faults.values import Matching
from chaos_runner.units import found


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"found {found(name)}, which is no time zone that this machine knows; allowed is a "
            "name such as `Europe/Vienna`, or `UTC`"
        ) from None
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
