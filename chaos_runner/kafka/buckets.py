"""Count records by the second for which they were scheduled, and by phase.

A bucket is told anew, with cumulative values, whenever it changed; the last telling wins. A
second whose records all reached an end is dropped from memory a minute later, so memory is
bounded by the outage and not by the run's length. What still happens to a dropped second (a
late duplicate) counts in the phase's totals alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chaos_runner.kafka.latency import add, bin_of
from chaos_runner.kafka.measures import Bucket, Exposure, Histogram, Totals

KEEP_SECONDS = 60
LOST_RECORDS_KEPT = 100


class Slot(NamedTuple):
    """Tell to which bucket a record belongs: the second and phase it was scheduled for, and
    what a fault means to its partition."""

    second: int
    phase: str
    group: Exposure = ""


@dataclass(slots=True)
class Tally:
    """Count what became of the records of one bucket; words as in measures.Counts."""

    scheduled: int = 0
    rejected: int = 0
    acked: int = 0
    unknown: int = 0
    seen: int = 0
    duplicates: int = 0
    lost: int = 0
    unseen: int = 0
    ack: Histogram = field(default_factory=dict)
    end_to_end: Histogram = field(default_factory=dict)
    lost_records: list[str] = field(default_factory=list)

    @property
    def open_records(self) -> int:
        """Return how many records have not reached an end: not acked, or acked and unseen."""
        return self.scheduled - self.rejected - self.acked - self.unknown + self.unseen

    def note_ack(self, milliseconds: float) -> None:
        """Count one ack latency."""
        add(self.ack, {bin_of(milliseconds): 1})

    def note_end_to_end(self, milliseconds: float) -> None:
        """Count one end-to-end latency."""
        add(self.end_to_end, {bin_of(milliseconds): 1})

    def counts(self) -> dict[str, int]:
        """Return the plain counters by name."""
        return {name: getattr(self, name) for name in _COUNTERS}

    def include(self, other: Tally) -> None:
        """Add another tally to this one."""
        for name, count in other.counts().items():
            setattr(self, name, getattr(self, name) + count)
        add(self.ack, other.ack)
        add(self.end_to_end, other.end_to_end)
        self.lost_records = [*self.lost_records, *other.lost_records][:LOST_RECORDS_KEPT]


_COUNTERS = (
    "scheduled",
    "rejected",
    "acked",
    "unknown",
    "seen",
    "duplicates",
    "lost",
    "unseen",
)


class Buckets:
    """Hold the tallies of a run; `start` is `time.monotonic()` of the first slot."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._open: dict[Slot, Tally] = {}
        self._dropped: dict[str, Tally] = {}
        self._changed: set[Slot] = set()

    def schedule(self, slot: Slot) -> Tally:
        """Return the tally of a slot that is just being scheduled, making it if need be."""
        if slot not in self._open:
            self._open[slot] = Tally()
            self._dropped.setdefault(slot.phase, Tally())
        return self.at(slot)

    def at(self, slot: Slot) -> Tally:
        """Return the tally in which something about an earlier slot is to be counted."""
        tally = self._open.get(slot)
        if tally is None:
            return self._dropped.setdefault(slot.phase, Tally())
        self._changed.add(slot)
        return tally

    def take_changed(self) -> list[Bucket]:
        """Return the buckets that changed since the last call, the oldest first."""
        changed = sorted(self._changed, key=lambda slot: slot.second)
        self._changed.clear()
        return [self._bucket(slot) for slot in changed]

    def drop_settled(self, before: int) -> None:
        """Forget the settled buckets of seconds before `before`, keeping their totals."""
        for slot in [slot for slot in self._open if slot.second < before]:
            if self._open[slot].open_records == 0 and slot not in self._changed:
                self._dropped[slot.phase].include(self._open.pop(slot))

    def second(self, second: int) -> Tally:
        """Return one second's tally over all phases, for as long as it is in memory."""
        whole = Tally()
        for slot, tally in self._open.items():
            if slot.second == second:
                whole.include(tally)
        return whole

    def open_records(self, before: int) -> int:
        """Return how many records of seconds before `before` have not reached an end."""
        return sum(tally.open_records for slot, tally in self._open.items() if slot.second < before)

    def totals(self) -> dict[str, Totals]:
        """Return the totals of each phase."""
        sums: dict[str, Tally] = {}
        for phase, tally in self._all():
            sums.setdefault(phase, Tally()).include(tally)
        return {phase: _totals(tally) for phase, tally in sums.items()}

    def _all(self) -> Iterator[tuple[str, Tally]]:
        yield from self._dropped.items()
        for slot, tally in self._open.items():
            yield slot.phase, tally

    def _bucket(self, slot: Slot) -> Bucket:
        tally = self._open[slot]
        return Bucket(
            second=slot.second,
            elapsed=self._start + slot.second,
            phase=slot.phase,
            group=slot.group,
            ack=dict(tally.ack),
            end_to_end=dict(tally.end_to_end),
            **tally.counts(),
        )


def _totals(tally: Tally) -> Totals:
    return Totals(
        ack=tally.ack,
        end_to_end=tally.end_to_end,
        lost_records=tally.lost_records,
        **tally.counts(),
    )
