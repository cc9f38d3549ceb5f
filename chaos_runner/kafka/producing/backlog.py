"""The slots that wait for their turn in one partition's sender, in next to no memory.

The slots of a partition are equally far apart, so an hour of them is one range. Only where some
were rejected in between does another range begin.
"""

from __future__ import annotations

from collections import deque


class Backlog:
    """Slots in order; all ranges handed in have the same step."""

    def __init__(self) -> None:
        self._ranges: deque[range] = deque()
        self.length = 0
        """How many slots wait."""

    def put(self, slots: range) -> None:
        """Append slots."""
        if not slots:
            return
        self.length += len(slots)
        if self._ranges and self._ranges[-1][-1] + slots.step == slots[0]:
            slots = range(self._ranges.pop().start, slots.stop, slots.step)
        self._ranges.append(slots)

    @property
    def first(self) -> int:
        """Return the slot that has waited longest; raises IndexError where none waits."""
        return self._ranges[0][0]

    def take(self, most: int) -> range:
        """Remove and return the first slots, at most `most`, up to the next gap."""
        if not self._ranges:
            return range(0)
        first = self._ranges.popleft()
        taken = first
        if len(first) > most:
            taken = first[:most]
            self._ranges.appendleft(first[most:])
        self.length -= len(taken)
        return taken
