"""The values of a schedule file that no other file has: cron lines and long times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from chaos_runner.units import format_duration, found, parse_duration

DAY = 86_400
"""Seconds of an ordinary day."""
_UNITS = {"d": DAY, "w": 7 * DAY}
_LONG = r"\d{1,4}(?:\.\d{1,3})?[dw]"


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


LongDuration = Annotated[
    float,
    BeforeValidator(parse_long_duration),
    PlainSerializer(format_long_duration, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["30m", "2h", "3d", "2w"]}),
]
"""Seconds; written as `30m`, `2h`, `3d`, `2w`."""
CronLine = Annotated[str, AfterValidator(_cron_line)]
