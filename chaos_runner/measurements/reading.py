"""What a look at a fault read: figures with their units, and states. Pure.

A fault's script prints a line for each, and this is where it is decoded:

    NAME VALUE UNIT [KEY=VALUE]...      round_trip 101.3 ms before=0.4 destination=198.18.0.1
    NAME STATE [UNIT] [KEY=VALUE]...    state inactive of=kafka.service

Names and states are identifiers that a kind chooses for itself. A line that is none of these is
kept as it was said.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Unit = Literal[
    "count", "CPUs", "%", "ms", "s", "B", "KiB", "MiB", "B/s", "KiB/s", "MiB/s", "Mbit/s", "/s"
]
UNITS = frozenset(get_args(Unit))
MOST_READINGS = 100
"""Readings of one look; what is beyond is left out."""
LONGEST = 300
"""Characters of one text."""
SAID = "said"
"""The name of a line that is no reading."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
State = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_-]*)?$", max_length=40)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?(e[-+]?[0-9]{1,2})?")
_PATH = ("interface", "source", "destination", "port")


class NetworkPath(BaseModel):
    """The way that was looked at, as far as it is known."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    interface: str = Field(default="", max_length=LONGEST)
    """Several are joined by commas."""
    source: str = Field(default="", max_length=LONGEST)
    destination: str = Field(default="", max_length=LONGEST)
    port: int | None = Field(default=None, ge=0, le=65535)


class Reading(BaseModel):
    """One thing that a look read: a figure with its unit, or a state."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Name
    """What was read, as its kind calls it; `said` is a text in the words of a host."""
    value: Finite | None = None
    """Null where it is a state."""
    unit: Unit = "count"
    state: State = ""
    before: Finite | None = None
    """The same before the fault."""
    asked: Finite | None = None
    """What the fault asks for."""
    path: NetworkPath | None = None
    """Of a network fault."""
    of: str = Field(default="", max_length=LONGEST)
    """What it is about: a unit, a directory, a setting; of `said` the text itself."""


def said(text: str) -> Reading:
    """Return what is known in words alone."""
    return Reading(name=SAID, of=text[:LONGEST])


def decoded(lines: object) -> object:
    """Return the readings of a script's lines; what is no list of text is for pydantic to judge."""
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        return lines
    written = (line.strip() for line in lines if line.strip())
    return tuple(map(_decoded_line, islice(written, MOST_READINGS)))


Readings = Annotated[tuple[Reading, ...], BeforeValidator(decoded)]
"""Readings, which a host prints as lines of text."""


def _decoded_line(line: str) -> Reading:
    head, _, of = f"{line} ".partition(" of=")
    name, *words = head.split()
    value = words.pop(0) if words else ""
    number = _NUMBER.fullmatch(value) is not None
    has_unit = bool(words) and words[0] in UNITS
    fields: dict[str, object] = {"name": name, "of": of.strip()}
    fields["value" if number else "state"] = value
    if has_unit:
        fields["unit"] = words.pop(0)
    pairs = dict(word.partition("=")[::2] for word in words)
    path = {key: pairs.pop(key) for key in _PATH if pairs.get(key)}
    numbers = {key: pairs.pop(key) for key in ("before", "asked") if key in pairs}
    readable = (has_unit or not number) and value and name != SAID and not pairs
    if not readable or not all(map(_NUMBER.fullmatch, numbers.values())):
        return said(line)
    try:
        return Reading.model_validate({**fields, **numbers, "path": path or None})
    except ValidationError:
        return said(line)
