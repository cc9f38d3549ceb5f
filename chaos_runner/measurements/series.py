"""The seconds of a run as they were measured last: one series, which grows by increments.

The probe measures a second again, with cumulative values, until all of its records have reached an
end. Verdict, live display and report fold these buckets into a series alike, and take every figure
from it: so none of them can show what another does not.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket, Totals
from chaos_runner.measurements.totals import RunningTotals, add_totals

_Slot = tuple[str, Exposure, str]
"""A phase, an exposure group and a zone: whatever is summed up is the sum over these."""


@dataclass(frozen=True)
class MeasuredSecond:
    """One second of scheduled time: its buckets, one for each phase, exposure group and zone."""

    number: int
    """Whole seconds since the probe's first record."""
    parts: tuple[Bucket, ...]

    @property
    def start(self) -> float:
        """Return when the second began, on the clock of its buckets."""
        return min(part.elapsed for part in self.parts)

    def phases(self, group: Exposure | None) -> tuple[str, ...]:
        """Return the phases that touch it, of one exposure group or of all, as they came."""
        return tuple(
            dict.fromkeys(part.phase for part in self.parts if group in (None, part.group))
        )

    @property
    def is_open(self) -> bool:
        """Tell whether a record of it has not reached its end yet."""
        return any(part.pending or part.not_yet_consumed for part in self.parts)

    @cached_property
    def whole(self) -> Totals:
        """Return what all its records came to."""
        return add_totals(self.parts)

    def of(self, group: Exposure | None) -> Totals:
        """Return what the records of one exposure group came to, or with None those of all."""
        if group is None:
            return self.whole
        return add_totals(part for part in self.parts if part.group == group)

    def earlier(self, bucket: Bucket) -> Bucket | None:
        """Return the bucket that this one is measured anew of, if there is one."""
        return next((part for part in self.parts if _slot(part) == _slot(bucket)), None)

    def with_part(self, bucket: Bucket) -> MeasuredSecond:
        """Return the second with a bucket in the place of the earlier one of its slot."""
        if self.earlier(bucket) is None:
            return MeasuredSecond(self.number, (*self.parts, bucket))
        parts = tuple(bucket if _slot(part) == _slot(bucket) else part for part in self.parts)
        return MeasuredSecond(self.number, parts)


class Series:
    """The newest state of every second of a run, and the sums over all of them.

    With `remember` a second that is so many seconds behind the newest, and of which every record
    has reached its end, is forgotten; the sums keep it. Then neither an increment nor a look costs
    more after a day than after a minute.
    """

    def __init__(
        self,
        buckets: Iterable[Bucket] = (),
        *,
        remember: int | None = None,
        settled: Callable[[MeasuredSecond], None] = lambda second: None,
    ) -> None:
        """`settled` is told each second that is forgotten."""
        self._remember = remember
        self._settled = settled
        self._seconds: dict[int, MeasuredSecond] = {}
        self._order: list[int] = []
        self._sums: dict[_Slot, RunningTotals] = {}
        self._forgotten_before = -1
        for bucket in buckets:
            self.take(bucket)

    def __len__(self) -> int:
        """Return the number of seconds that are remembered."""
        return len(self._seconds)

    def __iter__(self) -> Iterator[MeasuredSecond]:
        """Yield the remembered seconds in order of time."""
        return (self._seconds[number] for number in self._order)

    def take(self, bucket: Bucket) -> None:
        """Take one bucket, in the place of an earlier one of its second and slot."""
        second = self._seconds.get(bucket.second)
        if second is None:
            if bucket.second < self._forgotten_before:
                return  # what still happens to it counts in the probe's own ledger alone
            second = MeasuredSecond(bucket.second, ())
            insort(self._order, bucket.second)
        sums = self._sums.setdefault(_slot(bucket), RunningTotals())
        sums.replace(second.earlier(bucket), bucket)
        self._seconds[bucket.second] = second.with_part(bucket)
        self._forget(bucket.second)

    def count(self, name: str) -> int:
        """Return one count, by its name in `Counts`, over all records so far."""
        return sum(sums.count(name) for sums in self._sums.values())

    @property
    def phases(self) -> tuple[str, ...]:
        """Return the phases of which anything was measured, in order of their first second."""
        return tuple(dict.fromkeys(phase for phase, _, _ in self._sums))

    def has(self, phase: str, group: Exposure) -> bool:
        """Tell whether anything of an exposure group was measured in a phase."""
        return any((phase, group) == slot[:2] for slot in self._sums)

    @property
    def groups(self) -> tuple[Exposure, ...]:
        """Return the exposure groups that occur."""
        return tuple(dict.fromkeys(group for _, group, _ in self._sums))

    def totals(self, phase: str, group: Exposure | None = None) -> Totals:
        """Return what the records of a phase came to so far, of one exposure group or of all."""
        return add_totals(
            sums.totals()
            for (of_phase, of_group, _), sums in self._sums.items()
            if of_phase == phase and group in (None, of_group)
        )

    def between(self, since: float, until: float) -> list[MeasuredSecond]:
        """Return the seconds that began from `since` to `until`, on the clock of the buckets."""
        first = bisect_left(self._order, since, key=lambda number: self._seconds[number].start)
        found = []
        for number in self._order[first:]:
            if self._seconds[number].start > until:
                break
            found.append(self._seconds[number])
        return found

    @property
    def newest_over(self) -> MeasuredSecond | None:
        """Return the newest second but one: the newest still runs."""
        return self._seconds[self._order[-2]] if len(self._order) > 1 else None

    @property
    def end(self) -> float:
        """Return when the newest second ends; 1.0 where nothing was measured."""
        return (self._seconds[self._order[-1]].start if self._order else 0.0) + 1.0

    def _forget(self, number: int) -> None:
        if self._remember is None:
            return
        before = max(self._forgotten_before, self._order[-1] - self._remember)
        # By what is remembered: a second of a foreign journal may have any number.
        first = bisect_left(self._order, max(0, self._forgotten_before))
        due = self._order[first : bisect_left(self._order, before)]
        settled = [
            each
            for each in (number, *due)
            if each < before and each in self._seconds and not self._seconds[each].is_open
        ]
        self._forgotten_before = before
        for each in dict.fromkeys(settled):
            self._settled(self._seconds.pop(each))
            self._order.pop(bisect_left(self._order, each))


def _slot(bucket: Bucket) -> _Slot:
    return bucket.phase, bucket.group, bucket.zone
