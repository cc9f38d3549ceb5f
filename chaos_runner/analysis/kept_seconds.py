"""The seconds of a run as bytes and back, so that figures that were made once can be kept. Pure.

A head in JSON has the sums and effects, and says which columns follow it: a number of eight bytes
for each second and figure.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from math import isnan, nan
from operator import attrgetter

from pydantic import BaseModel, ConfigDict

from chaos_runner.analysis.effects import Effect
from chaos_runner.analysis.latency import PERCENTILES, Latency, Percentile
from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.analysis.second import Second
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.totals import COUNTS

_LENGTH = struct.Struct("<Q")
_WHOLE = ("second", *COUNTS)
_WHOLE_COLUMNS = len(_WHOLE) + 3
"""Those, and the places of phases and of two kinds of bounds."""
_PARTS = ("elapsed", *(f"{way}.{name}" for way in ("ack", "end_to_end") for name in PERCENTILES))
_Bounds = tuple[Percentile, ...]


class _Sum(BaseModel):
    phase: str
    group: Exposure
    zone: str
    totals: Totals


class _Columns(BaseModel):
    """Of which group the next columns are; null for all records."""

    group: Exposure | None
    seconds: int


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sums: list[_Sum]
    effects: list[Effect]
    phases: list[tuple[str, ...]]
    """The phases that touch a second; columns have their place in this list."""
    bounds: list[_Bounds]
    """The same of the percentiles that are bounds."""
    groups: list[_Columns]


def packed(run: RunSeconds) -> Iterator[bytes]:
    """Yield the seconds piece by piece.

    Raises OverflowError for a count that no run has.
    """
    phases: dict[tuple[str, ...], int] = {}
    bounds: dict[_Bounds, int] = {}
    pieces: list[bytes] = []
    columns = []
    for group in run.told_apart:
        seconds = run.of(group)
        columns.append(_Columns(group=group, seconds=len(seconds)))
        pieces += _columns(seconds, phases, bounds)
    head = _Head(
        sums=[
            _Sum(phase=phase, group=group, zone=zone, totals=totals)
            for (phase, group, zone), totals in run.sums().items()
        ],
        effects=list(run.effects()),
        phases=list(phases),
        bounds=list(bounds),
        groups=columns,
    )
    text = head.model_dump_json().encode()
    yield _LENGTH.pack(len(text))
    yield text
    yield from pieces


def _columns(
    seconds: Sequence[Second], phases: dict[tuple[str, ...], int], bounds: dict[_Bounds, int]
) -> Iterator[bytes]:
    for name in _WHOLE:
        yield array("q", map(attrgetter(name), seconds)).tobytes()
    places = [phases.setdefault(each.phases, len(phases)) for each in seconds]
    yield array("q", places).tobytes()
    for way in ("ack", "end_to_end"):
        told = map(attrgetter(f"{way}.bounds"), seconds)
        yield array("q", [bounds.setdefault(each, len(bounds)) for each in told]).tobytes()
    for name in _PARTS:
        values = map(attrgetter(name), seconds)
        yield array("d", [nan if each is None else each for each in values]).tobytes()


def unpacked(content: memoryview) -> RunSeconds:
    """Return the seconds of such bytes; raise ValueError for others."""
    try:
        [length] = _LENGTH.unpack_from(content)
        start = _LENGTH.size + length
        head = _Head.model_validate_json(bytes(content[_LENGTH.size : start]))
        seconds = {}
        for columns in head.groups:
            end = start + 8 * columns.seconds * (_WHOLE_COLUMNS + len(_PARTS))
            seconds[columns.group] = list(_seconds(content[start:end], columns.seconds, head))
            start = end
    except (struct.error, IndexError, TypeError) as error:
        raise ValueError("the columns are not whole") from error
    if start != len(content):
        raise ValueError("there are more or fewer columns than its head says")
    sums = {(each.phase, each.group, each.zone): each.totals for each in head.sums}
    return RunSeconds.of_figures(sums, seconds, tuple(head.effects))


def _seconds(view: memoryview, count: int, head: _Head) -> Iterator[Second]:
    start = 8 * count * _WHOLE_COLUMNS
    numbers = (each.cast("q") for each in _cut(view[:start], _WHOLE_COLUMNS))
    second, *counts, phases, of_ack, of_end = numbers
    elapsed, *latencies = (
        [None if isnan(each) else each for each in part.cast("d")]
        for part in _cut(view[start:], len(_PARTS))
    )
    return map(
        Second,
        *counts,
        second,
        elapsed,
        map(head.phases.__getitem__, phases),
        map(Latency, *latencies[:3], map(head.bounds.__getitem__, of_ack)),
        map(Latency, *latencies[3:], map(head.bounds.__getitem__, of_end)),
    )


def _cut(view: memoryview, parts: int) -> Iterator[memoryview]:
    size = len(view) // parts
    return (view[size * part : size * (part + 1)] for part in range(parts))
