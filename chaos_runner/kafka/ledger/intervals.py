"""A set of numbers kept as runs: what comes in long unbroken stretches costs next to nothing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator


class Intervals:
    """Whole numbers as sorted, disjoint, half-open intervals."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._ends: list[int] = []

    def __contains__(self, number: int) -> bool:
        index = bisect_right(self._firsts, number) - 1
        return index >= 0 and number < self._ends[index]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Return the intervals as (first, end), the lowest first."""
        return iter(list(zip(self._firsts, self._ends, strict=True)))

    def __len__(self) -> int:
        """Return how many intervals are held, not how many numbers."""
        return len(self._firsts)

    @property
    def numbers(self) -> int:
        """Return how many numbers are in the set."""
        return sum(self._ends) - sum(self._firsts)

    def add(self, first: int, end: int) -> None:
        """Add the numbers from `first` up to, not including, `end`; none may be in the set yet."""
        index = bisect_right(self._firsts, first)
        if index > 0 and self._ends[index - 1] == first:
            self._ends[index - 1] = end
        else:
            self._firsts.insert(index, first)
            self._ends.insert(index, end)

    def discard(self, number: int) -> bool:
        """Take a number out; return whether it was in."""
        if number not in self:
            return False
        self.remove(number, number + 1)
        return True

    def remove(self, first: int, end: int) -> None:
        """Take the numbers from `first` up to, not including, `end` out, as far as they are in."""
        lowest = bisect_right(self._ends, first)
        above = bisect_left(self._firsts, end)
        if lowest >= above:
            return
        pieces = ((self._firsts[lowest], first), (end, self._ends[above - 1]))
        left = [piece for piece in pieces if piece[0] < piece[1]]
        self._firsts[lowest:above] = [piece[0] for piece in left]
        self._ends[lowest:above] = [piece[1] for piece in left]

    def clear(self) -> None:
        """Take all numbers out."""
        self._firsts.clear()
        self._ends.clear()
