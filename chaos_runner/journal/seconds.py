"""The seconds of the probe among the lines of a journal: they are most of it.

The probe tells a second again until all of its records have reached an end. Only what it told last
is decoded, once nothing more can come, and figures are made of it at once.
"""

from __future__ import annotations

import re

from pydantic import TypeAdapter, ValidationError

from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.errors import UsageError
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket
from chaos_runner.units import printable

SETTLED = 120
"""Seconds behind the newest. The probe keeps those of 60 s, and older ones whose records are still
on their way; of another nothing is told any more."""
AT_ONCE = 60
"""After so many more seconds those that are settled are looked for again."""
_BUCKET: TypeAdapter[Bucket] = TypeAdapter(Bucket)
_HISTOGRAMS = b",".join(
    rb'"%s":\{[0-9:",]*\}' % name
    for name in (b"ack", b"end_to_end", b"ack_censored", b"end_to_end_censored")
)
_AS_WRITTEN = re.compile(
    rb'\{"at":"[0-9T:.-]{19,26}Z","elapsed":([0-9]{1,8}\.[0-9]{1,6}),"event":"probe_bucket",'
    rb'"bucket":(\{(?:"[a-z_]+":[0-9]{1,15},){9}"second":([0-9]{1,9}),'
    rb'"elapsed":[0-9]{1,8}\.[0-9]{1,6},"phase":"([a-z-]*)","group":"(|leader|follower|none)",'
    rb'"zone":"([A-Za-z0-9._-]{0,255})",' + _HISTOGRAMS + rb"\})\}"
)
"""A bucket as every run writes it: no number in it is beyond measure. Others are read, too."""
_Slot = tuple[str, str, str]
"""A phase, an exposure group and a zone."""
MOST_ZONES = 64
"""More have no clock of their own here; an experiment has fewer."""
LONGEST_SILENCE = 1200
"""Seconds by which a zone may be behind the others before nothing waits for it any more. A cut may
end, and what its probe measured meanwhile comes then; no connection outlives a longer one."""


class SecondReader:
    """The seconds that a journal has told so far; `finish` returns them, with those `known`."""

    def __init__(self, source: str, known: RunSeconds | None = None) -> None:
        self._source = source
        self._found = RunSeconds() if known is None else known
        self._waiting: dict[int, dict[_Slot, Bucket | bytes]] = {}
        """Seconds that may be told again, as they were told last."""
        self._open: dict[int, dict[_Slot, Bucket | bytes]] = {}
        """Older seconds with records that had not reached their end."""
        self._newest: dict[str, int] = {}
        """The newest second of each zone: what settles is settled for all."""
        self._next = 0
        """The second that comes from each when those that are settled are looked for."""
        self.taken = 0
        """How many buckets were told of."""

    def take_line(self, line: bytes) -> float | None:
        """Take a line that is a bucket as runs write it, and return when it was written.

        None for any other line, which is not taken.
        """
        match = _AS_WRITTEN.fullmatch(line)
        if match is None:
            return None
        elapsed, bucket, second, *slot = match.groups()
        phase, group, zone = (each.decode() for each in slot)
        self._take(int(second), (phase, group, zone), bucket)
        return float(elapsed)

    def take(self, bucket: Bucket) -> None:
        """Take a bucket that was read in another way."""
        self._take(bucket.second, (bucket.phase, bucket.group, bucket.zone), bucket)

    def finish(self, *, final: bool) -> RunSeconds:
        """Return the seconds; `final` tells that no record is on its way any more.

        Raises UsageError for a bucket that no run writes.
        """
        for second in (*self._open.values(), *self._waiting.values()):
            self._found.add(self._decoded(second), final=final)
        return self._found

    def _take(self, number: int, slot: _Slot, bucket: Bucket | bytes) -> None:
        self.taken += 1
        second = self._open.get(number) or self._waiting.get(number)
        if second is None:
            if number in self._found:
                return
            second = self._waiting[number] = {}
        if slot not in second:
            self._found.expect(slot[0], Exposure(slot[1]), slot[2])
        second[slot] = bucket
        zone = slot[2] if slot[2] in self._newest or len(self._newest) < MOST_ZONES else ""
        if number > self._newest.get(zone, -1):
            self._newest[zone] = number
            if number >= self._next and (heard := self._heard()) >= self._next:
                self._next = heard + AT_ONCE
                self._settle(heard - SETTLED)

    def _heard(self) -> int:
        """Return the newest second of the zone that is the most behind of those to wait for."""
        newest = max(self._newest.values())
        return min(each for each in self._newest.values() if each >= newest - LONGEST_SILENCE)

    def _settle(self, before: int) -> None:
        """Make figures of the seconds that are old enough, and keep those that are still open."""
        for number in [each for each in self._waiting if each < before]:
            second = self._waiting.pop(number)
            parts = self._decoded(second)
            if any(part.pending or part.not_yet_consumed for part in parts):
                self._open[number] = second
            else:
                self._found.add(parts, final=True)

    def _decoded(self, second: dict[_Slot, Bucket | bytes]) -> list[Bucket]:
        try:
            return [
                _BUCKET.validate_json(each, strict=True) if isinstance(each, bytes) else each
                for each in second.values()
            ]
        except ValidationError as error:
            problem = printable(error.errors(include_url=False, include_input=False)[0]["msg"], 400)
            raise UsageError(
                f"{self._source}: a second of the probe cannot be read: {problem}",
                "the journal was changed after the run",
            ) from error
