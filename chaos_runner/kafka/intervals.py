"""A set of numbers kept as runs: what comes in long unbroken stretches costs next to nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator


class Intervals:
    """Hold whole numbers as sorted, disjoint, half-open intervals."""

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
        index = bisect_right(self._firsts, number) - 1
        if index < 0 or number >= self._ends[index]:
            return False
        first, end = self._firsts[index], self._ends[index]
        pieces = [piece for piece in ((first, number), (number + 1, end)) if piece[0] < piece[1]]
        self._firsts[index : index + 1] = [piece[0] for piece in pieces]
        self._ends[index : index + 1] = [piece[1] for piece in pieces]
        return True

    def clear(self) -> None:
        """Take all numbers out."""
        self._firsts.clear()
        self._ends.clear()
