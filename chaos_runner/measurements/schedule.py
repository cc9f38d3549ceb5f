"""The open-loop schedule: rounds of slots at a fixed rate, whatever became of those before.

A schedule that waits for answers would stop asking just when the cluster is slow, and the
slowest moments would hardly be measured (coordinated omission).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

NANOSECONDS = 1_000_000_000
NANOSECONDS_PER_MILLISECOND = 1_000_000
MOST_TOGETHER, LONGEST_ROUND = 10, 0.1
"""Slots of a round, and seconds between two, at most. A round wakes every thread of the clients and
of the brokers once, in place of once a slot; outages are told to within 100 ms."""
MOST_OF_A_PARTITION = 3
"""Slots of a round."""
WARM_UP = "warm-up"
"""The phase of the first records, while the clients are still connecting."""


def dealt(slots: range, among: int) -> Iterator[tuple[int, range]]:
    """Yield the place of each of so many that gets some of the slots, in turn, and which."""
    for first in slots[:among]:
        yield first % among, range(first, slots.stop, among)


def slots_together(rate: float, partitions: int) -> int:
    """Return how many slots of so many a second make a round.

    A partition gets three of them at most: a client that makes sure of the order sends nothing more
    while five records of a partition are on their way, and is to have a second request there.
    """
    return max(1, min(MOST_TOGETHER, int(rate * LONGEST_ROUND), MOST_OF_A_PARTITION * partitions))


@dataclass(slots=True)
class Schedule:
    """Slots at a fixed rate; `start` is in nanoseconds of `time.monotonic_ns()`.

    The slots of a round are due together, at the instant of the first of them.
    """

    start: int
    rate: float
    together: int = 1
    """The slots of a round."""
    next_slot: int = 0
    phases: list[str] = field(default_factory=lambda: [WARM_UP])
    """The phases so far; records carry the place of theirs in this list."""
    _first_slots: list[int] = field(default_factory=lambda: [0])
    next_due: int = field(init=False)
    """The instant of the next slot."""

    def __post_init__(self) -> None:
        self.next_due = self.due(self.next_slot)

    def due(self, slot: int) -> int:
        """Return the instant of a slot in nanoseconds."""
        return self.start + int(self.round_start(slot) * NANOSECONDS / self.rate)

    def instants(self, slots: range) -> list[int]:
        """Return the instants of slots, as `due` does."""
        start, rate, together = self.start, self.rate, self.together
        return [start + int(slot // together * together * NANOSECONDS / rate) for slot in slots]

    def round_start(self, slot: int) -> int:
        """Return the first slot of the round to which a slot belongs."""
        return slot // self.together * self.together

    def round_end(self, slot: int) -> int:
        """Return the first slot of the round after that."""
        return self.round_start(slot) + self.together

    def due_by(self, now: int) -> int:
        """Return how many slots are due at an instant, taken or not."""
        together = self.together
        count = max(0, int((now - self.start) * self.rate / NANOSECONDS)) // together * together
        while count and self.due(count - 1) > now:
            count -= together
        while self.due(count) <= now:
            count += together
        return count

    def take(self, now: int) -> range:
        """Return every slot that has come and was not taken before, and move on."""
        first = self.next_slot
        if now >= self.next_due:
            self.next_slot = self.round_end(first)
            self.next_due = self.due(self.next_slot)
            if now >= self.next_due:
                self.next_slot = self.due_by(now)
                self.next_due = self.due(self.next_slot)
        return range(first, self.next_slot)

    def take_next(self, count: int) -> range:
        """Return the next slots, whether they have come or not, and move on."""
        first, self.next_slot = self.next_slot, self.next_slot + count
        self.next_due = self.due(self.next_slot)
        return range(first, self.next_slot)

    def begin_phase(self, phase: str) -> None:
        """Count the slots that are not taken yet under another phase."""
        self.phases.append(phase)
        self._first_slots.append(self.next_slot)

    def phase_of(self, slot: int) -> int:
        """Return the place in `phases` of a slot's phase."""
        return bisect_right(self._first_slots, slot) - 1

    def by_phase(self, slots: range) -> Iterator[tuple[int, range]]:
        """Yield the place of each phase in `phases`, with those of the slots that belong to it."""
        if slots and slots[0] >= self._first_slots[-1]:
            yield len(self.phases) - 1, slots
            return
        while slots:
            phase = self.phase_of(slots[0])
            later = self._first_slots[phase + 1 :]
            count = bisect_left(slots, later[0]) if later else len(slots)
            yield phase, slots[:count]
            slots = slots[count:]

    def by_round(self, slots: range) -> Iterator[tuple[int, range]]:
        """Yield the instant of each round, with those of the slots that are due then."""
        for due, together in groupby(enumerate(self.instants(slots)), key=itemgetter(1)):
            places = [place for place, _ in together]
            yield due, slots[places[0] : places[-1] + 1]

    def seconds_left(self, now: int) -> float:
        """Return the seconds until the next slot is due; zero when it is overdue."""
        return max(0.0, (self.next_due - now) / NANOSECONDS)

    def second_of(self, instant: int) -> int:
        """Return the whole second, counted from the start, in which an instant lies."""
        return (instant - self.start) // NANOSECONDS
