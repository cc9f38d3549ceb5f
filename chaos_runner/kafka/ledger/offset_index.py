"""Remember which record stands at which offset, as acks and readings told.

An offset holds one record for ever. When an ack or a reading puts another record at an offset,
the log was cut off below it and written anew: a truncation, as after an unclean election. In a
healthy partition offset and sequence number rise together, so all of it is a single run.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

MOST_RUNS = 1000
"""Of a partition in worse disorder than that, the oldest places are forgotten."""


class CutOff(NamedTuple):
    """A run of records, by sequence number, that stood at `offset` and above it once."""

    offset: int
    first: int
    end: int


class Places:
    """Runs of offsets, each with the distance from offset to sequence number."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._ends: list[int] = []
        self._distances: list[int] = []
        self._disputed_end = 0
        self.cut_off: list[CutOff] = []
        """What stood in parts of the log that were cut off; it may stand elsewhere now."""

    def note(self, offset: int, sequence: int) -> int | None:
        """Note a record at an offset; return the one that stood there, if it was another.

        Of one truncation only the first offset is told, whatever else comes back from the part
        that was cut off.
        """
        if self.extend(offset, sequence, 1):
            return None
        return self._note_below(offset, sequence - offset)

    def extend(self, offset: int, sequence: int, count: int) -> bool:
        """Note records in a row that stand on top of all that is known, or go on with the newest.

        Else return False: nothing is noted, and they have to be noted one by one.
        """
        distance, end = sequence - offset, offset + count
        known = self._ends[-1] if self._ends else -1
        if known >= offset >= self._firsts[-1] and distance == self._distances[-1]:
            self._ends[-1] = max(known, end)
            return True
        if offset < known:
            return False
        self._append(offset, end, distance)
        return True

    def standing_below(self, offset: int) -> Iterator[tuple[int, int]]:
        """Return the sequence numbers that stand below an offset, as half-open intervals."""
        for first, end, distance in zip(self._firsts, self._ends, self._distances, strict=True):
            if first < offset:
                yield first + distance, min(end, offset) + distance

    def __len__(self) -> int:
        """Return how many runs are held."""
        return len(self._firsts)

    def _append(self, offset: int, end: int, distance: int) -> None:
        self._firsts.append(offset)
        self._ends.append(end)
        self._distances.append(distance)
        if len(self._firsts) > MOST_RUNS:
            del self._firsts[0], self._ends[0], self._distances[0]

    def _note_below(self, offset: int, distance: int) -> int | None:
        index = bisect_right(self._firsts, offset) - 1
        if index < 0 or offset >= self._ends[index]:
            self._insert(index + 1, offset, distance)
            return None
        before = self._distances[index]
        if before == distance:
            return None
        is_new = offset >= self._disputed_end
        self._disputed_end = max(self._disputed_end, self._ends[-1])
        self.cut(offset)
        self._append(offset, offset + 1, distance)
        return offset + before if is_new else None

    def _insert(self, index: int, offset: int, distance: int) -> None:
        if index == len(self._firsts) or len(self._firsts) < MOST_RUNS:
            self._firsts.insert(index, offset)
            self._ends.insert(index, offset + 1)
            self._distances.insert(index, distance)

    def cut(self, offset: int) -> None:
        """Note that what stood at an offset and above it does not stand there any more."""
        runs = zip(self._firsts, self._ends, self._distances, strict=True)
        for first, end, distance in runs:
            if end > offset and len(self.cut_off) < MOST_RUNS:
                at = max(first, offset)
                self.cut_off.append(CutOff(at, at + distance, end + distance))
        keep = bisect_left(self._firsts, offset)
        del self._firsts[keep:], self._ends[keep:], self._distances[keep:]
        if self._ends:
            self._ends[-1] = min(self._ends[-1], offset)
