"""What seconds of the probe came to, once nothing more is told of them: a column a figure. Pure.

A day has 350,000 such figures of seconds. As columns they are checked and read at once, each column
by its type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from operator import attrgetter, lt
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from chaos_runner.analysis.latency import Latency, Percentile
from chaos_runner.analysis.second import Second
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Totals, ZoneName
from chaos_runner.measurements.totals import COUNTS, counts_of

Same = dict[Any, Any]
"""Values that were seen before, each by itself."""


class SlotSum(BaseModel):
    """What all records of some seconds came to, of one phase, exposure group and zone."""

    model_config = ConfigDict(frozen=True)

    phase: str
    group: Exposure
    zone: ZoneName
    totals: Totals


class SampleColumns(BaseModel):
    """What effects are made of: a group in the seconds of a phase."""

    model_config = ConfigDict(frozen=True)

    group: Exposure
    phase: str
    second: list[int]
    availability: list[float]
    """Per cent."""
    latency: list[float | None]
    """The natural logarithm of the mean ack latency; null where nothing is known of it."""
    is_bound: bool
    """Whether records were still without an ack, so that the latency is more than is told."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        _refuse_other_lengths(self.second, self.availability, self.latency)
        return self


class LatencyColumns(BaseModel):
    """Percentiles of one latency, milliseconds, as `Latency` has them."""

    model_config = ConfigDict(frozen=True)

    p50: list[float | None]
    p99: list[float | None]
    max: list[float | None]
    bounds: list[tuple[Percentile, ...]]

    @classmethod
    def of(cls, rows: Sequence[Latency]) -> LatencyColumns:
        """Return the columns of some seconds."""
        return cls.model_construct(
            None,
            p50=[row.p50 for row in rows],
            p99=[row.p99 for row in rows],
            max=[row.max for row in rows],
            bounds=[row.bounds for row in rows],
        )

    def rows(self) -> Iterator[Latency]:
        """Return what stands in the columns, second by second."""
        return map(Latency, self.p50, self.p99, self.max, self.bounds)

    def at(self, places: Sequence[int]) -> LatencyColumns:
        """Return what stands at some places, in their order."""
        return LatencyColumns.model_construct(
            None, **{name: [*map(column.__getitem__, places)] for name, column in self}
        )

    def extend(self, later: LatencyColumns, same: Same) -> None:
        """Add columns below these; equal values are one, to take no room."""
        for name, column in self:
            more = getattr(later, name)
            column.extend(map(same.setdefault, more, more))


class SecondColumns(BaseModel):
    """Seconds, each once, as `Second` has them."""

    model_config = ConfigDict(frozen=True)

    second: list[int]
    """Whole seconds since the probe's first record."""
    elapsed: list[float]
    phases: list[tuple[str, ...]]
    scheduled: list[int]
    rejected: list[int]
    acked: list[int]
    indeterminate: list[int]
    consumed: list[int]
    duplicates: list[int]
    lost: list[int]
    not_yet_consumed: list[int]
    reordered: list[int]
    ack: LatencyColumns
    end_to_end: LatencyColumns

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        latencies = [
            column
            for each in (self.ack, self.end_to_end)
            for column in (each.p50, each.p99, each.max, each.bounds)
        ]
        _refuse_other_lengths(self.second, self.elapsed, self.phases, *counts_of(self), *latencies)
        if len(set(self.second)) < len(self.second):
            raise ValueError("a second stands in it twice")
        return self

    @classmethod
    def of(cls, seconds: Sequence[Second]) -> SecondColumns:
        """Return the columns of seconds."""
        return cls.model_construct(
            None,
            **{name: [*map(attrgetter(name), seconds)] for name in _PLAIN},
            ack=LatencyColumns.of([each.ack for each in seconds]),
            end_to_end=LatencyColumns.of([each.end_to_end for each in seconds]),
        )

    def rows(self) -> Iterator[Second]:
        """Return the seconds that stand in the columns."""
        return map(
            Second,
            *counts_of(self),
            self.second,
            self.elapsed,
            self.phases,
            self.ack.rows(),
            self.end_to_end.rows(),
        )

    def at(self, places: Sequence[int]) -> SecondColumns:
        """Return what stands at some places, in their order."""
        return SecondColumns.model_construct(
            None,
            **{name: [*map(getattr(self, name).__getitem__, places)] for name in _PLAIN},
            ack=self.ack.at(places),
            end_to_end=self.end_to_end.at(places),
        )

    def in_order(self) -> SecondColumns:
        """Return the same in order of time."""
        numbers = self.second
        if all(map(lt, numbers, islice(numbers, 1, None))):
            return self
        return self.at(sorted(range(len(numbers)), key=numbers.__getitem__))

    def extend(self, later: SecondColumns, same: Same) -> None:
        """Add columns below these; equal values are one, to take no room."""
        for name in _PLAIN:
            more = getattr(later, name)
            getattr(self, name).extend(
                map(same.setdefault, more, more) if name == "phases" else more
            )
        self.ack.extend(later.ack, same)
        self.end_to_end.extend(later.end_to_end, same)


_PLAIN = ("second", "elapsed", "phases", *COUNTS)
"""The columns of a second that are no latencies."""


class SummarizedSeconds(BaseModel):
    """Seconds of which nothing more is told."""

    model_config = ConfigDict(frozen=True)

    whole: SecondColumns
    """All records."""
    groups: dict[Exposure, SecondColumns]
    """Those of each exposure group, in the seconds in which it has any."""
    sums: list[SlotSum]
    samples: list[SampleColumns]

    @model_validator(mode="after")
    def _has_no_others(self) -> Self:
        every = set(self.whole.second)
        if not all(every.issuperset(columns.second) for columns in self.groups.values()):
            raise ValueError("a group has a second that the whole has not")
        return self


def _refuse_other_lengths(*columns: Sequence[object]) -> None:
    if len(set(map(len, columns))) > 1:
        raise ValueError("its columns are not of one length")
