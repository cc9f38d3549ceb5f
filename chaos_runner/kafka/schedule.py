"""The open-loop schedule: slot i is due at start + i / rate, whatever became of those before.

A schedule that waits for answers would stop asking just when the cluster is slow, and the
slowest moments would hardly be measured (coordinated omission).
"""

from __future__ import annotations

from dataclasses import dataclass

NANOSECONDS = 1_000_000_000


@dataclass(slots=True)
class Schedule:
    """Hand out slots at a fixed rate; `start` is in nanoseconds of `time.monotonic_ns()`."""

    start: int
    rate: float
    next_slot: int = 0

    def due(self, slot: int) -> int:
        """Return the instant of a slot in nanoseconds."""
        return self.start + int(slot * NANOSECONDS / self.rate)

    def take(self, now: int) -> int | None:
        """Return the next slot's instant if it has come, and move on; None if it has not."""
        due = self.due(self.next_slot)
        if due > now:
            return None
        self.next_slot += 1
        return due

    def seconds_left(self, now: int) -> float:
        """Return the seconds until the next slot is due; zero when it is overdue."""
        return max(0.0, (self.due(self.next_slot) - now) / NANOSECONDS)

    def second_of(self, instant: int) -> int:
        """Return the whole second, counted from the start, in which an instant lies."""
        return (instant - self.start) // NANOSECONDS
