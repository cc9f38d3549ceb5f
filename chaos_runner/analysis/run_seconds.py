"""The seconds of a whole run as figures: what a report needs of them, in little memory.

Histograms are kept only as sums, of each phase and exposure group, so that a day of seconds takes
some hundred megabytes and not some thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from chaos_runner.analysis.effects import Effect, Samples
from chaos_runner.analysis.second import Second, second_of
from chaos_runner.analysis.summarized_seconds import (
    Same,
    SecondColumns,
    SlotSum,
    SummarizedSeconds,
)
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket, Totals
from chaos_runner.measurements.totals import RunningTotals, add_totals, together


class SecondTable(Sequence[Second]):
    """The seconds of a run, or of one group in it, in order of time.

    They are columns, of which a row is made when somebody asks for it: a day has 350,000, and what
    judges or draws seconds takes whole columns.
    """

    __slots__ = ("columns",)

    def __init__(self, columns: SecondColumns) -> None:
        self.columns = columns

    def __len__(self) -> int:
        """Return the number of seconds."""
        return len(self.columns.second)

    def __iter__(self) -> Iterator[Second]:
        """Return the seconds, each a new row."""
        return self.columns.rows()

    @overload
    def __getitem__(self, place: int) -> Second: ...
    @overload
    def __getitem__(self, place: slice) -> SecondTable: ...
    def __getitem__(self, place: int | slice) -> Second | SecondTable:
        """Return the second at a place, or those of a stretch."""
        if isinstance(place, slice):
            return SecondTable(self.columns.at(range(len(self))[place]))
        return next(self.columns.at([range(len(self))[place]]).rows())

    def __eq__(self, other: object) -> bool:
        """Tell whether the same stands in both."""
        return self.columns == other.columns if isinstance(other, SecondTable) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as of every list

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Take a table as it is, and rows; write rows."""
        rows = handler.generate_schema(tuple[Second, ...])
        return core_schema.no_info_wrap_validator_function(
            lambda value, read: (
                value if isinstance(value, cls) else cls(SecondColumns.of(read(value)))
            ),
            rows,
            serialization=core_schema.plain_serializer_function_ser_schema(
                tuple, return_schema=rows
            ),
        )


class RunSeconds:
    """The seconds of a run, each once and in its last state; they may come in any order."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, Exposure, str], RunningTotals] = {}
        self._columns: dict[Exposure | None, SecondColumns] = {None: SecondColumns.of(())}
        self._numbers: set[int] = set()
        self._samples = Samples()
        self._same: Same = {}

    def expect(self, phase: str, group: Exposure, zone: str = "") -> None:
        """Note that a second of these will come: phases have the order of the first."""
        self._sums.setdefault((phase, group, zone), RunningTotals())

    def add(self, parts: Sequence[Bucket], *, final: bool) -> None:
        """Add a second, once: its buckets, one for each phase, exposure group and zone in it.

        `final` tells that no record is on its way any more.
        """
        start = min(part.elapsed for part in parts)
        for part in parts:
            slot = (part.phase, part.group, part.zone)
            self._sums.setdefault(slot, RunningTotals()).replace(None, part)
        for part in together(parts):
            self._samples.take(part)
        self._numbers.add(parts[0].second)
        groups: dict[Exposure | None, Sequence[Bucket]] = {None: parts}
        for group in dict.fromkeys(part.group for part in parts):
            if group:
                groups[group] = [part for part in parts if part.group == group]
        for of_group, own in groups.items():
            self._extend(of_group, SecondColumns.of([second_of(own, start, final=final)]))

    def add_summarized(self, summarized: SummarizedSeconds) -> None:
        """Add seconds of which the figures were made already."""
        for each in summarized.sums:
            self.expect(each.phase, each.group, each.zone)
            self._sums[each.phase, each.group, each.zone].replace(None, each.totals)
        self._numbers.update(summarized.whole.second)
        for group, columns in ((None, summarized.whole), *summarized.groups.items()):
            self._extend(group, columns)
        for sample in summarized.samples:
            self._samples.add(sample)

    def summarized(self) -> SummarizedSeconds:
        """Return the seconds as columns, for `add_summarized`."""
        return SummarizedSeconds.model_construct(
            None,
            whole=self.of().columns,
            groups={group: self.of(group).columns for group in self._columns if group},
            sums=[
                SlotSum.model_construct(
                    None, phase=phase, group=group, zone=zone, totals=sums.totals()
                )
                for (phase, group, zone), sums in self._sums.items()
            ],
            samples=self._samples.columns(),
        )

    def __len__(self) -> int:
        """Return the number of seconds."""
        return len(self._numbers)

    def __contains__(self, number: int) -> bool:
        """Tell whether the second of a number was added."""
        return number in self._numbers

    def of(self, group: Exposure | None = None) -> SecondTable:
        """Return the seconds in which a group has records, or with None all, in order of time."""
        if group not in self._columns:
            return SecondTable(SecondColumns.of(()))
        columns = self._columns[group] = self._columns[group].in_order()
        return SecondTable(columns)

    @property
    def phases(self) -> tuple[str, ...]:
        """Return the phases of which anything was measured, in order of their first second."""
        return tuple(dict.fromkeys(phase for phase, _, _ in self._sums))

    @property
    def groups(self) -> tuple[Exposure, ...]:
        """Return the exposure groups that occur."""
        return tuple(dict.fromkeys(group for _, group, _ in self._sums))

    def has(self, phase: str, group: Exposure) -> bool:
        """Tell whether anything of an exposure group was measured in a phase."""
        return any((phase, group) == slot[:2] for slot in self._sums)

    def totals(self, phase: str, group: Exposure | None = None) -> Totals:
        """Return what the records of a phase came to, of one exposure group or of all."""
        return add_totals(
            sums.totals()
            for (of_phase, of_group, _), sums in self._sums.items()
            if of_phase == phase and group in (None, of_group)
        )

    def zones(self) -> dict[str, dict[str, Totals]]:
        """Return zone to phase to totals; nothing where all was measured from one place."""
        parts: dict[str, dict[str, list[Totals]]] = {}
        for (phase, _, zone), sums in self._sums.items():
            parts.setdefault(zone, {}).setdefault(phase, []).append(sums.totals())
        if len(parts) < 2:
            return {}
        return {
            zone: {phase: add_totals(each) for phase, each in phases.items()}
            for zone, phases in parts.items()
        }

    def effects(self) -> tuple[Effect, ...]:
        """Return what the fault cost each group of partitions."""
        return self._samples.effects()

    @property
    def end(self) -> float:
        """Return when the newest second ends; 1.0 where nothing was measured."""
        started = self.of().columns.elapsed
        return (started[-1] if started else 0.0) + 1.0

    def _extend(self, group: Exposure | None, more: SecondColumns) -> None:
        self._columns.setdefault(group, SecondColumns.of(())).extend(more, self._same)
