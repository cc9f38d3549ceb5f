"""Count records by the second for which they were scheduled, by phase, and by exposure group.

A bucket is told anew, with cumulative values, whenever it changed; the last telling wins. One
with open records is told again each time its age has doubled, so that the waits in it are never
less than half of what they are. A second whose records all reached an end is dropped from
memory a minute later, so memory is bounded by the outage and not by the run's length. What
still happens to a dropped second (a late duplicate) counts in the phase's totals alone.

The wait of an open record counts from the end of its second: no instant is kept for each, and
a wait is never told longer than it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from chaos_runner.kafka.ledger.tally import Tally
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket, Totals

KEEP_SECONDS = 60


class Slot(NamedTuple):
    """The bucket to which a record belongs.

    The second and phase it was scheduled for, and what a fault means to its partition.
    """

    second: int
    phase: str
    group: Exposure = Exposure.ALL


@lru_cache(maxsize=1024)
def slot_of(second: int, phase: str, group: Exposure) -> Slot:
    """Return a bucket's slot: for all its records the same one, which need not be made anew."""
    return Slot(second, phase, group)


class Buckets:
    """The tallies of a run; `start` is `time.monotonic()` of the first slot."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._open: dict[Slot, Tally] = {}
        self._dropped: dict[tuple[str, Exposure], Tally] = {}

    def schedule(self, slot: Slot) -> Tally:
        """Return the tally of a slot that is just being scheduled, making it if need be."""
        tally = self._open.get(slot)
        if tally is None:
            tally = self._open[slot] = Tally()
        tally.changed = True
        return tally

    def at(self, slot: Slot) -> Tally:
        """Return the tally in which something about an earlier slot is to be counted."""
        tally = self._open.get(slot)
        if tally is None:
            return self._dropped.setdefault((slot.phase, slot.group), Tally())
        tally.changed = True
        return tally

    def take_changed(self, now: float) -> list[Bucket]:
        """Return the buckets to tell, oldest first; `now` is `time.monotonic()`."""
        due = [slot for slot, tally in self._open.items() if self._is_due(slot, tally, now)]
        return [self._tell(slot, now) for slot in sorted(due, key=lambda slot: slot.second)]

    def drop_settled(self, before: int) -> None:
        """Forget the settled buckets of seconds before `before`, keeping their totals."""
        for slot in [slot for slot in self._open if slot.second < before]:
            tally = self._open[slot]
            if tally.open_records == 0 and not tally.changed:
                self._dropped.setdefault((slot.phase, slot.group), Tally()).include(tally)
                del self._open[slot]

    def second(self, second: int) -> Tally:
        """Return one second's tally over phases and groups, for as long as it is in memory."""
        whole = Tally()
        for slot, tally in self._open.items():
            if slot.second == second:
                whole.include(tally)
        return whole

    def open_records(self, before: int) -> int:
        """Return how many records of seconds before `before` have not reached an end."""
        return sum(tally.open_records for slot, tally in self._open.items() if slot.second < before)

    def waited(self, slot: Slot, now: float) -> float:
        """Return for how many milliseconds each record of a slot has waited at least."""
        return max(0.0, 1000 * (now - self._start - slot.second - 1))

    def totals(self, now: float) -> dict[str, Totals]:
        """Return the totals of each phase over all groups."""
        sums: dict[str, Tally] = {}
        for phase, _, tally in self._all(now):
            sums.setdefault(phase, Tally()).include(tally)
        return {phase: _totals(tally) for phase, tally in sums.items()}

    def group_totals(self, now: float) -> dict[str, dict[str, Totals]]:
        """Return exposure group to phase to totals; empty where there are no groups."""
        sums: dict[Exposure, dict[str, Tally]] = {}
        for phase, group, tally in self._all(now):
            if group:
                sums.setdefault(group, {}).setdefault(phase, Tally()).include(tally)
        return {
            group: {phase: _totals(tally) for phase, tally in phases.items()}
            for group, phases in sums.items()
        }

    def _is_due(self, slot: Slot, tally: Tally, now: float) -> bool:
        age = now - self._start - slot.second
        return tally.changed or (tally.open_records > 0 and age >= 2 * tally.told_at_age)

    def _tell(self, slot: Slot, now: float) -> Bucket:
        tally = self._open[slot]
        tally.changed = False
        tally.told_at_age = now - self._start - slot.second
        whole = tally.with_waits(self.waited(slot, now))
        return Bucket(
            second=slot.second,
            elapsed=self._start + slot.second,
            phase=slot.phase,
            group=slot.group,
            zone="",  # whoever hears it knows where it was measured
            ack=whole.ack,
            end_to_end=whole.end_to_end,
            ack_censored=whole.ack_censored,
            end_to_end_censored=whole.end_to_end_censored,
            **whole.counts(),
        )

    def _all(self, now: float) -> Iterator[tuple[str, Exposure, Tally]]:
        for (phase, group), tally in self._dropped.items():
            yield phase, group, tally
        for slot, tally in self._open.items():
            yield slot.phase, slot.group, tally.with_waits(self.waited(slot, now))


def _totals(tally: Tally) -> Totals:
    return Totals(
        ack=tally.ack,
        end_to_end=tally.end_to_end,
        ack_censored=tally.ack_censored,
        end_to_end_censored=tally.end_to_end_censored,
        lost_records=tally.lost_records,
        **tally.counts(),
    )
