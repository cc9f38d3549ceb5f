"""The units of an experiment file: durations, rates, sizes and percentages.

In YAML each is text with its unit (`250ms`, `200/s`, `1KiB`, `0.1%`); in Python each is a plain
number: seconds (float), records a second (float), bytes (int), percent (float, 0 to 100).
Each is parsed by pydantic through its `Annotated` type, and written back to its text when a
model is dumped as JSON, so that a dumped experiment can be read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import BeforeValidator, GetCoreSchemaHandler, PlainSerializer, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_after_validator_function

Number = TypeVar("Number", int, float)

_NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
DURATION_PATTERN = rf"(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?(?:{_NUMBER}ms)?"
_RATE = rf"{_NUMBER}/[sm]"
_SIZE = r"\d{1,9}(?:B|KiB|MiB|GiB)"
_PERCENTAGE = rf"{_NUMBER}%"
_MICROSECONDS = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1_000}
_BYTES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}

OUT_OF_RANGE = "out_of_range"
"""The type of the error that `Within` raises."""
DURATION_FORMS = "`250ms`, `30s`, `2m`, `1m30s` or `1h`"
RATE_FORMS = "`200/s` or `50/m`"
SIZE_FORMS = "`512B`, `1KiB` or `1MiB`"
PERCENTAGE_FORMS = "`0%`, `0.1%` or `50%`"


def printable(text: str, limit: int = 60) -> str:
    """Return text that a terminal shows as it is: escaped, and cut to `limit` characters.

    Every message that quotes what a user wrote uses it: a stranger's file may hold anything.
    """
    if not text.isprintable():
        text = text.encode("unicode_escape").decode()
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def found(value: object) -> str:
    """Return in words what a user wrote where something else belongs."""
    match value:
        case None:
            return "nothing"
        case "":
            return "empty text"
        case str():
            return f"`{printable(value)}`"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return f"the number `{value}`"
        case list():
            return "a list" if value else "an empty list"
        case _:
            return "a mapping"


def parse_duration(value: object) -> float:
    """Return the seconds that a text like `1m30s` stands for, exact to the microsecond.

    Raise ValueError, naming the accepted forms, for anything else, a bare number included.
    """
    text = _text_of_unit(value, DURATION_PATTERN, "duration", DURATION_FORMS, "s")
    parts = re.findall(rf"({_NUMBER})(ms|h|m|s)", text)
    return round(sum(Decimal(number) * _MICROSECONDS[unit] for number, unit in parts)) / 1_000_000


def format_duration(seconds: float) -> str:
    """Return seconds as the shortest text that `parse_duration` reads, e.g. `1m30s`."""
    microseconds = round(seconds * 1_000_000)
    if 0 < microseconds < 1_000_000:
        return f"{_decimal(microseconds / 1000)}ms"
    hours, microseconds = divmod(microseconds, _MICROSECONDS["h"])
    minutes, microseconds = divmod(microseconds, _MICROSECONDS["m"])
    text = f"{hours}h" if hours else ""
    text += f"{minutes}m" if minutes else ""
    return text + f"{_decimal(microseconds / 1_000_000)}s" if microseconds or not text else text


def parse_offset(value: object) -> float:
    """Return the seconds, negative for a leading `-`, that a text like `-5m` stands for."""
    if not isinstance(value, str) or value[:1] not in ("-", "+"):
        return parse_duration(value)
    seconds = parse_duration(value[1:])
    return -seconds if value[0] == "-" else seconds


def format_offset(seconds: float) -> str:
    """Return seconds as the shortest text that `parse_offset` reads, e.g. `-1m30s`."""
    return f"{'-' if seconds < 0 else ''}{format_duration(abs(seconds))}"


def parse_rate(value: object) -> float:
    """Return the records a second that a text like `200/s` or `50/m` stands for."""
    number, unit = _text_of_unit(value, _RATE, "rate", RATE_FORMS, "/s").split("/")
    return float(number) / (60 if unit == "m" else 1)


def format_rate(per_second: float) -> str:
    """Return records a second as text, a minute's count where a second's is not whole."""
    per_minute = round(per_second * 60, 6)
    if per_second == int(per_second) or per_minute != int(per_minute):
        return f"{_decimal(per_second)}/s"
    return f"{int(per_minute)}/m"


def parse_size(value: object) -> int:
    """Return the bytes that a text like `1KiB` stands for."""
    text = _text_of_unit(value, _SIZE, "size", SIZE_FORMS, "B")
    number = text.rstrip("KMGiB")
    return int(number) * _BYTES[text[len(number) :]]


def format_size(size: int) -> str:
    """Return bytes as text in the largest unit that divides them."""
    dividing = [unit for unit in _BYTES if size % _BYTES[unit] == 0]
    unit = dividing[-1] if size else "B"
    return f"{size // _BYTES[unit]}{unit}"


def parse_percentage(value: object) -> float:
    """Return the percent (0 to 100) that a text like `0.1%` stands for."""
    text = _text_of_unit(value, _PERCENTAGE, "percentage", PERCENTAGE_FORMS, "%")
    percent = float(text.rstrip("%"))
    if percent > 100:
        raise ValueError(f"found `{text}`; a percentage is at most `100%`")
    return percent


def format_percentage(percent: float) -> str:
    """Return percent as text, e.g. `0.1%`."""
    return f"{_decimal(percent)}%"


@dataclass(frozen=True)
class Within(Generic[Number]):
    """Two limits, as `Annotated` metadata, outside of which values are refused.

    `format_value` writes both limits into the message; what was found is in pydantic's error.
    """

    minimum: Number
    maximum: Number
    format_value: Callable[[Number], str]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Wrap the unit's own schema, keeping its text form for dumps and for JSON Schema."""
        inner = handler(source)
        return no_info_after_validator_function(
            self.check, inner, serialization=inner.get("serialization")
        )

    def check(self, value: Number) -> Number:
        """Return the value, or raise an error naming what is allowed."""
        if self.minimum <= value <= self.maximum:
            return value
        low, high = self.format_value(self.minimum), self.format_value(self.maximum)
        raise PydanticCustomError(
            OUT_OF_RANGE, "allowed is `{low}` to `{high}`", {"low": low, "high": high}
        )


def _text_of_unit(value: object, pattern: str, what: str, forms: str, unit: str) -> str:
    text = str(value)
    if isinstance(value, str) and text and re.fullmatch(pattern, text, re.ASCII):
        return text
    if not isinstance(value, bool) and re.fullmatch(_NUMBER, text, re.ASCII):
        raise ValueError(f"found `{text}`, which has no unit; did you mean `{text}{unit}`?")
    raise ValueError(f"found {found(value)}; allowed is a {what} such as {forms}")


def _decimal(number: float) -> str:
    """Write a number without exponent and without trailing zeros."""
    return f"{number:.9f}".rstrip("0").rstrip(".")


def _schema(pattern: str, *examples: str) -> WithJsonSchema:
    # (?=.) because every part of a duration is optional, but one must be there.
    return WithJsonSchema(
        {"type": "string", "pattern": f"^(?=.){pattern}$", "examples": list(examples)}
    )


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
    _schema(DURATION_PATTERN, "250ms", "30s", "2m", "1m30s", "1h"),
]
"""Seconds; written as `250ms`, `30s`, `2m`, `1m30s`, `1h`."""

Offset = Annotated[
    float,
    BeforeValidator(parse_offset),
    PlainSerializer(format_offset, return_type=str, when_used="json"),
    _schema(f"[+-]?{DURATION_PATTERN}", "-5m", "90s"),
]
"""Seconds, of either sign; written as `-5m`, `90s`."""

Rate = Annotated[
    float,
    BeforeValidator(parse_rate),
    PlainSerializer(format_rate, return_type=str, when_used="json"),
    _schema(_RATE, "200/s", "50/m"),
]
"""Records a second; written as `200/s`, `50/m`."""

Size = Annotated[
    int,
    BeforeValidator(parse_size),
    PlainSerializer(format_size, return_type=str, when_used="json"),
    _schema(_SIZE, "512B", "1KiB", "1MiB"),
]
"""Bytes; written as `512B`, `1KiB`, `1MiB`."""

Percentage = Annotated[
    float,
    BeforeValidator(parse_percentage),
    PlainSerializer(format_percentage, return_type=str, when_used="json"),
    _schema(_PERCENTAGE, "0%", "0.1%", "50%"),
]
"""Percent, 0 to 100; written as `0%`, `0.1%`."""
