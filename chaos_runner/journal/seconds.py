"""The seconds of the probe among the lines of a journal: they are most of it.

The probe tells a second again until all of its records have reached an end; what seconds came to is
told once more, when they are summarized. Of a second that is not, what was told last is decoded.
"""

from __future__ import annotations

import re

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.analysis.summarized_seconds import SummarizedSeconds
from chaos_runner.errors import UsageError
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket
from chaos_runner.measurements.totals import COUNTS, HISTOGRAMS
from chaos_runner.units import printable

_BUCKET: TypeAdapter[Bucket] = TypeAdapter(Bucket)
_COUNTED = b"".join(rb'"%s":[0-9]{1,15}+,' % name.encode() for name in COUNTS)
_IN_BINS = b",".join(rb'"%s":\{[0-9:",]*+\}' % name.encode() for name in HISTOGRAMS)
_AS_WRITTEN = re.compile(
    rb'\{"at":"[0-9T:.-]{19,26}Z","elapsed":([0-9]{1,8}+\.[0-9]{1,6}+),"event":"probe_bucket",'
    rb'"bucket":(\{' + _COUNTED + rb'"second":([0-9]{1,9}+),"elapsed":[0-9]{1,8}+\.[0-9]{1,6}+,'
    rb'("phase":"[a-z-]*+","group":"(?:|leader|follower|none)","zone":"[A-Za-z0-9._-]{0,255}+"),'
    + _IN_BINS
    + rb"\})\}\n"
)
"""A line with a bucket as every run writes it: no number in it is beyond measure. Others are read,
too."""
_Slot = tuple[str, str, str]
"""A phase, an exposure group and a zone."""


MOST_SECONDS = 1_000_000
"""Seconds of a run, or of a group in it, far more than a journal has room for as runs write it."""


class SecondReader:
    """The seconds that a journal has told so far; `finish` returns them."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found = RunSeconds()
        self._slots: dict[bytes, _Slot] = {}
        """Those of buckets as runs write them."""
        self._expected: set[_Slot] = set()
        self._waiting: dict[int, dict[_Slot, Bucket | bytes]] = {}
        """Seconds that are not summarized, as they were told last."""
        self.latest = 0.0
        """The latest `elapsed` of the lines that were taken."""

    def take_line(self, line: bytes) -> bool:
        """Take a line, with its end, if it is a bucket as runs write it; return whether it is.

        They are most of a long journal: this is short, and calls little.
        """
        match = _AS_WRITTEN.fullmatch(line)
        if match is None:
            return False
        elapsed, bucket, digits, names = match.groups()
        number = int(digits)
        slot = self._slots.get(names) or self._slot(names)
        second = self._waiting.get(number)
        if second is None or slot not in self._expected:
            self._take(number, slot, bucket)
        else:
            second[slot] = bucket
        self.latest = max(self.latest, float(elapsed))
        return True

    def take(self, bucket: Bucket) -> None:
        """Take a bucket that was read in another way."""
        self._take(bucket.second, (bucket.phase, bucket.group, bucket.zone), bucket)

    def take_summarized(self, summarized: SummarizedSeconds) -> None:
        """Take what seconds came to, in the place of all that was told of them.

        Raises UsageError for what no run writes.
        """
        for number in summarized.whole.second:
            if number in self._found:
                raise self._changed(f"second {number} of the probe is summarized twice")
            self._waiting.pop(number, None)
        self._found.add_summarized(summarized)
        if len(self._found) > MOST_SECONDS:
            raise self._changed(f"it tells of more than {MOST_SECONDS:,} seconds")

    def finish(self, *, final: bool) -> RunSeconds:
        """Return the seconds; `final` tells that no record is on its way any more.

        Raises UsageError for a bucket that no run writes.
        """
        while self._waiting:
            second = self._waiting.pop(next(iter(self._waiting)))
            self._found.add(self._decoded(second), final=final)
        return self._found

    def _slot(self, names: bytes) -> _Slot:
        own = from_json(b"{%s}" % names)
        slot = self._slots[names] = (own["phase"], own["group"], own["zone"])
        return slot

    def _take(self, number: int, slot: _Slot, bucket: Bucket | bytes) -> None:
        if number in self._found:
            return
        if slot not in self._expected:
            phase, group, zone = slot
            self._expected.add(slot)
            self._found.expect(phase, Exposure(group), zone)
        self._waiting.setdefault(number, {})[slot] = bucket

    def _decoded(self, second: dict[_Slot, Bucket | bytes]) -> list[Bucket]:
        try:
            return [
                _BUCKET.validate_json(each, strict=True) if isinstance(each, bytes) else each
                for each in second.values()
            ]
        except ValidationError as error:
            problem = printable(error.errors(include_url=False, include_input=False)[0]["msg"], 400)
            raise self._changed(f"a second of the probe cannot be read: {problem}") from error

    def _changed(self, problem: str) -> UsageError:
        return UsageError(f"{self._source}: {problem}", "the journal was changed after the run")
