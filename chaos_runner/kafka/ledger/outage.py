"""Measure for how long one partition gave no ack while records were due. Pure, O(1) a record."""

from __future__ import annotations

from dataclasses import dataclass

SHORTEST_SECONDS = 1.0
"""Gaps below that are the everyday of a cluster, and none is told."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without an ack in nanoseconds; `end` is None where none came."""

    start: int
    end: int | None
    length: int


class OutageWatch:
    """The watch over one partition; instants are nanoseconds of `time.monotonic_ns()`.

    A gap begins at the scheduled instant of the first record that has to wait, or at the ack
    before it, whichever is later, and ends with the next ack. A record that is given up ends
    no gap; but where no record waits any more, a gap without an end grows no longer.
    """

    def __init__(self) -> None:
        self._open_records = 0
        self._since: int | None = None
        self._given_up = 0
        self._longest: Gap | None = None

    def due(self, instant: int, count: int = 1) -> None:
        """Note that records were scheduled, the first of them for this instant."""
        self._open_records += count
        if self._since is None:
            self._since = instant

    def acked(self, instant: int, count: int = 1) -> None:
        """Note that records were acknowledged at this instant."""
        self._open_records -= count
        since = self._since
        if since is not None and instant > since:
            if self._longest is None or instant - since > self._longest.length:
                self._longest = Gap(since, instant, instant - since)
            self._since = instant
        if not self._open_records:
            self._since = None

    def given_up(self, instant: int, count: int = 1) -> None:
        """Note that records were rejected, or that their acks will not come any more."""
        self._open_records -= count
        self._given_up = max(self._given_up, instant)

    def longest(self, now: int) -> Gap | None:
        """Return the longest gap, the one that is still open included."""
        if self._since is None:
            return self._longest
        until = now if self._open_records else self._given_up
        length = max(0, until - self._since)
        if self._longest is None or length > self._longest.length:
            return Gap(self._since, None, length)
        return self._longest
