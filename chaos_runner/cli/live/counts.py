"""The counts of a run that still goes on, kept by increments.

A bucket is told anew with cumulative values until its records have come to their end. So each
telling adds what is new in it, and seconds that are over are forgotten: neither an event nor a
picture costs more after a day than after a minute.
"""

from __future__ import annotations

from collections.abc import Iterable

from chaos_runner.kafka.ledger.buckets import KEEP_SECONDS
from chaos_runner.measurements.model import Bucket, Counts, Exposure

COUNTED = tuple(Counts.model_fields)
REMEMBER_SECONDS = 2 * KEEP_SECONDS
"""Of a second whose records all reached an end the probe tells no more once it has dropped it."""


class LiveCounts:
    """Add up buckets as they are told; all but the newest and the unsettled ones are forgotten."""

    def __init__(self) -> None:
        self._sums = dict.fromkeys(COUNTED, 0)
        self._seconds: dict[int, dict[tuple[str, Exposure], Bucket]] = {}
        self._newest = self._over = self._remembered = -1

    def __len__(self) -> int:
        """Return the number of seconds that are remembered."""
        return len(self._seconds)

    def take(self, bucket: Bucket) -> None:
        """Take one telling of a bucket, in place of earlier ones of the same."""
        if bucket.second < self._remembered and bucket.second not in self._seconds:
            return  # forgotten: what still happens to it counts in the account alone
        parts = self._seconds.setdefault(bucket.second, {})
        earlier = parts.get((bucket.phase, bucket.group))
        for name in COUNTED:
            self._sums[name] += getattr(bucket, name) - (getattr(earlier, name) if earlier else 0)
        parts[bucket.phase, bucket.group] = bucket
        self._note_second(bucket.second)

    def count(self, name: str) -> int:
        """Return one count over all buckets so far."""
        return self._sums[name]

    def newest_second(self) -> list[Bucket]:
        """Return the buckets of the newest second but one: the newest still runs."""
        return list(self._seconds.get(self._over, {}).values())

    def _note_second(self, second: int) -> None:
        if second > self._newest:
            self._over, self._newest = self._newest, second
            remembered = max(self._remembered, second - REMEMBER_SECONDS)
            self._forget(range(self._remembered, remembered))
            self._remembered = remembered
        elif self._over < second < self._newest:
            self._over = second
        if second < self._remembered:
            self._forget((second,))

    def _forget(self, seconds: Iterable[int]) -> None:
        for second in seconds:
            parts = self._seconds.get(second, {})
            if not any(part.pending or part.unseen for part in parts.values()):
                self._seconds.pop(second, None)
