"""The seconds of a whole run as figures: what a report needs of them, in little memory.

Histograms are kept only as sums, of each phase and exposure group, so that a day of seconds takes
some hundred megabytes and not some thousand.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.analysis.effects import Effect, Samples
from chaos_runner.analysis.second import Second, second_of
from chaos_runner.analysis.summarized_seconds import SecondColumns, SlotSum, SummarizedSeconds
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket, Totals
from chaos_runner.measurements.totals import RunningTotals, add_totals, together


class RunSeconds:
    """The seconds of a run, each once and in its last state; they may come in any order."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, Exposure, str], RunningTotals] = {}
        self._seconds: dict[Exposure | None, dict[int, Second]] = {None: {}}
        self._samples = Samples()
        self._same: dict[object, object] = {}

    def expect(self, phase: str, group: Exposure, zone: str = "") -> None:
        """Note that a second of these will come: phases have the order of the first."""
        self._sums.setdefault((phase, group, zone), RunningTotals())

    def add(self, parts: Sequence[Bucket], *, final: bool) -> None:
        """Add a second: its buckets, one for each phase, exposure group and zone in it.

        `final` tells that no record is on its way any more.
        """
        number, start = parts[0].second, min(part.elapsed for part in parts)
        for part in parts:
            slot = (part.phase, part.group, part.zone)
            self._sums.setdefault(slot, RunningTotals()).replace(None, part)
        for part in together(parts):
            self._samples.take(part)
        self._seconds[None][number] = second_of(parts, start, final=final)
        for group in dict.fromkeys(part.group for part in parts):
            if group:
                own = [part for part in parts if part.group == group]
                seconds = self._seconds.setdefault(group, {})
                seconds[number] = second_of(own, start, final=final)

    def add_summarized(self, summarized: SummarizedSeconds) -> None:
        """Add seconds of which the figures were made already."""
        for each in summarized.sums:
            self.expect(each.phase, each.group, each.zone)
            self._sums[each.phase, each.group, each.zone].replace(None, each.totals)
        for group, columns in ((None, summarized.whole), *summarized.groups.items()):
            seconds = self._seconds.setdefault(group, {})
            seconds.update(zip(columns.second, columns.rows(self._same), strict=True))
        for sample in summarized.samples:
            self._samples.add(sample)

    def summarized(self) -> SummarizedSeconds:
        """Return the seconds as columns, for `add_summarized`."""
        return SummarizedSeconds.model_construct(
            None,
            whole=SecondColumns.of(self.of()),
            groups={group: SecondColumns.of(self.of(group)) for group in self._seconds if group},
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
        return len(self._seconds[None])

    def __contains__(self, number: int) -> bool:
        """Tell whether the second of a number was added."""
        return number in self._seconds[None]

    def of(self, group: Exposure | None = None) -> tuple[Second, ...]:
        """Return the seconds in which a group has records, or with None all, in order of time."""
        seconds = self._seconds.get(group, {})
        return tuple(map(seconds.__getitem__, sorted(seconds)))

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
        seconds = self._seconds[None]
        return (seconds[max(seconds)].elapsed if seconds else 0.0) + 1.0
