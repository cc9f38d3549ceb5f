"""Summarize seconds of the probe, once, when nothing more is reported of them. Pure.

The probe reports a second again until all of its records have reached an end.
"""

from __future__ import annotations

from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.analysis.summarized_seconds import SummarizedSeconds
from chaos_runner.measurements.model import Bucket

COMPLETE_AFTER = 120
"""Seconds behind the newest. The probe keeps those of 60 s, and older ones whose records are still
on their way; of another nothing is told any more."""
AT_ONCE = 60
"""After so many more seconds those that are complete are looked for again."""
MOST_ZONES = 64
"""More have no clock of their own here; an experiment has fewer."""
LONGEST_SILENCE = 1200
"""Seconds by which a zone may be behind the others before nothing waits for it any more. A cut may
end, and what its probe measured meanwhile comes then; no connection outlives a longer one."""
_Slot = tuple[str, str, str]
"""A phase, an exposure group and a zone."""


class SecondSummarizer:
    """The seconds that may be told again, as they were told last."""

    def __init__(self) -> None:
        self._waiting: dict[int, dict[_Slot, Bucket]] = {}
        self._summarized: set[int] = set()
        self._newest: dict[str, int] = {}
        """The newest second of each zone: a second is complete for all of them."""
        self._next = 0
        """The second that comes from each when those that are complete are looked for."""

    def take(self, bucket: Bucket) -> SummarizedSeconds | None:
        """Take a report of a second; return the seconds that became complete since, if any."""
        if bucket.second in self._summarized:
            return None
        second = self._waiting.setdefault(bucket.second, {})
        second[bucket.phase, bucket.group, bucket.zone] = bucket
        zone = bucket.zone if bucket.zone in self._newest or len(self._newest) < MOST_ZONES else ""
        if bucket.second <= self._newest.get(zone, -1):
            return None
        self._newest[zone] = bucket.second
        heard = self._heard()
        if heard < self._next:
            return None
        self._next = heard + AT_ONCE
        return self._summarize(heard - COMPLETE_AFTER)

    def _heard(self) -> int:
        """Return the newest second of the zone that is the most behind of those to wait for."""
        newest = max(self._newest.values())
        return min(each for each in self._newest.values() if each >= newest - LONGEST_SILENCE)

    def _summarize(self, before: int) -> SummarizedSeconds | None:
        """Make figures of the seconds that are old enough, and of which no record is open."""
        found = RunSeconds()
        for number in sorted(each for each in self._waiting if each < before):
            parts = [*self._waiting[number].values()]
            if not any(part.pending or part.not_yet_consumed for part in parts):
                del self._waiting[number]
                self._summarized.add(number)
                found.add(parts, final=True)
        return found.summarized() if found else None
