"""One partition's way to the end of its log during the drain. Pure; the clock is handed in."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.kafka.ledger.partition_ledger import PartitionLedger

TRUNCATED_SECONDS = 10.0
"""A log that stays shorter than an acked offset for so long has been truncated: a new leader
may tell an end that is too low until its followers have caught up."""

_ASK_EVERY = 0.25
_ASK_AGAIN = 3.0
"""Where nobody answered, for each question holds up all other partitions."""


@dataclass(slots=True)
class Course:
    """How far a partition's reader is from its target: max(end offset, acknowledged end)."""

    number: int
    ledger: PartitionLedger
    end: int | None = None
    """Where the log ends, as a second client was told; None when nobody told."""
    _next_question: float = 0.0
    _short_since: float | None = None
    _last: tuple[int, int] = (-1, -1)

    @property
    def target(self) -> int:
        """Return the offset to read to, as far as it is known."""
        return max(self.end or 0, self.ledger.acked_end)

    @property
    def is_reached(self) -> bool:
        """Tell whether everything that is known to be there has been passed."""
        return self.end is not None and self.ledger.position >= self.target

    def wants_end(self, now: float) -> bool:
        """Tell whether it is time to ask where the log ends."""
        at_end = self.end is None or self.end <= max(self.ledger.position, self.ledger.acked_end)
        if not at_end or now < self._next_question:
            return False
        self._next_question = now + _ASK_EVERY
        return True

    def note_end(self, end: int | None, now: float) -> None:
        """Note an answer; one that moved, or a reader that does, begins the wait anew."""
        self.end = end
        if end is None:
            self._next_question = now + _ASK_AGAIN
        where = (-1 if end is None else end, self.ledger.position)
        if end is None or end >= self.ledger.acked_end:
            self._short_since = None
        elif self._short_since is None or where != self._last:
            self._short_since = now
        self._last = where

    def is_truncated(self, now: float) -> bool:
        """Tell whether the log has ended below an acked offset for long enough."""
        since = self._short_since
        return since is not None and now - since >= TRUNCATED_SECONDS

    def why_not(self, limit: float) -> str:
        """Return why the target was not reached within `limit` seconds."""
        if self.end is None:
            return f"nobody could tell its end offset within {limit:g} s"
        return f"read to offset {self.ledger.position} of {self.target} within {limit:g} s"
