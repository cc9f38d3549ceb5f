"""A time as an experiment writes it: exactly (`30s`), or between two bounds (`5s to 20s`)."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, InstanceOf, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from chaos_runner.units import (
    DURATION_PATTERN,
    OUT_OF_RANGE,
    format_duration,
    found,
    parse_duration,
)

_TO = " to "
_LONGEST = 86_400.0
_STEP = 10
"""Drawn times are whole tenths of a second, so that a plan shows them exactly."""


class TimeRange(NamedTuple):
    """Seconds: at least, and at most; an exact time has both alike."""

    least: float
    most: float

    def drawn_by(self, random: Random) -> float:
        """Draw a time, in tenths of a second; an exact one is not drawn."""
        if self.least == self.most:
            return self.least
        drawn = round(random.uniform(self.least, self.most) * _STEP) / _STEP
        return min(max(drawn, self.least), self.most)


def exactly(seconds: float) -> TimeRange:
    """Return the range that holds one time alone."""
    return TimeRange(seconds, seconds)


def parse_time_range(value: object) -> TimeRange:
    """Return what `30s` or `5s to 20s` stands for; raise ValueError for anything else."""
    if not isinstance(value, str) or _TO not in value:
        return exactly(parse_duration(value))
    least, most = (parse_duration(part) for part in value.split(_TO, 1))
    if least >= most:
        raise ValueError(
            f"found {found(value)}, whose second time is not the longer one; allowed is such as "
            "`5s to 20s`"
        )
    return TimeRange(least, most)


def format_time_range(times: TimeRange) -> str:
    """Return a time as the text that `parse_time_range` reads."""
    least, most = times
    if least == most:
        return format_duration(least)
    return f"{format_duration(least)}{_TO}{format_duration(most)}"


@dataclass(frozen=True)
class WithinTimes:
    """The two limits, in seconds, outside of which a value is refused before it is used."""

    minimum: float
    maximum: float = _LONGEST

    def __call__(self, value: object) -> TimeRange:
        """Return the time range that was written, or raise an error naming what is allowed."""
        times = parse_time_range(value)
        if self.minimum <= times.least and times.most <= self.maximum:
            return times
        low, high = format_duration(self.minimum), format_duration(self.maximum)
        raise PydanticCustomError(
            OUT_OF_RANGE, "allowed is `{low}` to `{high}`", {"low": low, "high": high}
        )


_WRITTEN = (
    PlainSerializer(format_time_range, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^(?=.){DURATION_PATTERN}(?: to (?=.){DURATION_PATTERN})?$",
            "examples": ["30s", "2m", "5s to 20s"],
        }
    ),
)
Offset = Annotated[InstanceOf[TimeRange], BeforeValidator(WithinTimes(0.0)), *_WRITTEN]
"""From nothing to 24h."""
Length = Annotated[InstanceOf[TimeRange], BeforeValidator(WithinTimes(1.0)), *_WRITTEN]
"""1s to 24h."""
