"""Hold records that follow on one another, so that they can be accounted for at once.

In a healthy partition, whatever comes back in one go (acks, or records read) is such a run, and
costs hardly more than a single record.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chaos_runner.kafka.ledger.buckets import Slot, slot_of
from chaos_runner.measurements.schedule import NANOSECONDS, Schedule

NOWHERE = -1
"""The offset of an ack that told none: with acks=0, or for a repeated idempotent send."""


class Run(NamedTuple):
    """Records of one partition, bucket and session; numbers and offsets rise by one."""

    partition: int
    sequence: int
    """The first one's number."""
    offset: int
    """Where the first one stands in the log; NOWHERE where no ack of them told it."""
    slot: Slot
    instants: Sequence[int]
    """For when each was scheduled, in nanoseconds of `time.monotonic_ns()`."""
    session: int = 0
    """Which client of its group sent them, as in identity.Identity; acks do not need it."""
    arrivals: Sequence[int] = ()
    """When each came back, where they did not come all at once."""

    @property
    def length(self) -> int:
        """Return how many records there are."""
        return len(self.instants)

    @property
    def end(self) -> int:
        """Return one more than the last one's number."""
        return self.sequence + len(self.instants)

    def part(self, start: int, end: int) -> Run:
        """Return the records from one place in the run to another."""
        return self._replace(
            sequence=self.sequence + start,
            offset=self.offset if self.offset == NOWHERE else self.offset + start,
            instants=self.instants[start:end],
            arrivals=self.arrivals[start:end],
        )

    def singles(self) -> Iterator[Run]:
        """Yield each record as a run of its own."""
        for place in range(self.length):
            yield self.part(place, place + 1)

    def by_second(self, schedule: Schedule) -> Iterator[Run]:
        """Yield the parts of a run whose slot is that of its first record, each with its own."""
        start, slot, instants = 0, self.slot, self.instants
        length = len(instants)
        while start < length:
            second = schedule.second_of(instants[start])
            after = schedule.start + (second + 1) * NANOSECONDS
            if not start and instants[-1] < after:
                yield self
                return
            end = bisect_left(instants, after, start)
            yield self.part(start, end)._replace(slot=slot_of(second, slot.phase, slot.group))
            start = end


def rises_by_one(numbers: Sequence[int]) -> bool:
    """Tell whether each number is one more than the one before it."""
    first, length = numbers[0], len(numbers)
    if numbers[-1] - first != length - 1:
        return False
    return tuple(numbers) == tuple(range(first, first + length))
