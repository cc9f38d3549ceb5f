"""The seconds of the probe among the lines of a journal: they are most of it.

The probe tells a second again until all of its records have reached an end; what seconds came to is
told once more, when they are summarized. Of a second that is not, what was told last is decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.analysis.summarized_seconds import SummarizedSeconds
from chaos_runner.errors import UsageError
from chaos_runner.journal.plausible import absurdity_in, is_modest
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket
from chaos_runner.measurements.totals import COUNTS, HISTOGRAMS
from chaos_runner.units import printable

_BUCKET: TypeAdapter[Bucket] = TypeAdapter(Bucket)
_COUNTED = b"".join(rb'"%s":[0-9]{1,15}+,' % name.encode() for name in COUNTS)
_IN_BINS = b",".join(rb'"%s":\{[^}]*+\}' % name.encode() for name in HISTOGRAMS)
_AS_WRITTEN = re.compile(
    rb'\{"at":"[0-9T:.-]{19,26}Z","elapsed":([0-9]{1,8}+\.[0-9]{1,6}+),"event":"probe_bucket",'
    rb'"bucket":\{' + _COUNTED + rb'"second":([0-9]{1,9}+),"elapsed":[0-9]{1,8}+\.[0-9]{1,6}+,'
    rb'("phase":"[a-z-]*+","group":"(?:|leader|follower|none)","zone":"[A-Za-z0-9._-]{0,255}+"),'
    + _IN_BINS
    + rb"\}\}\n"
)
"""A line with a bucket as every run writes it. No number in it is beyond measure but in histograms,
which are looked at where they are decoded. Others are read, too."""
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
        """Those of buckets as runs write them, once they are expected."""
        self._expected: set[_Slot] = set()
        self._waiting: dict[int, dict[_Slot, Bucket | bytes]] = {}
        """Seconds that are not summarized, as they were told last: a bucket, or its whole line."""
        self.latest = 0.0
        """The latest `elapsed` of the lines that were taken."""
        self.size = 0
        """Bytes of these lines."""

    def others(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """Take each line, with its end, that is a bucket as runs write it; yield the others.

        Buckets are most of a long journal: this is one loop, and calls little.
        """
        slots, waiting, as_written = self._slots, self._waiting, _AS_WRITTEN.fullmatch
        for place, line in lines:
            match = as_written(line)
            if match is None:
                yield place, line
                continue
            elapsed, digits, names = match.groups()
            number = int(digits)
            if names in slots and number in waiting:
                waiting[number][slots[names]] = line
            else:
                self._take_named(number, names, line)
            if (moment := float(elapsed)) > self.latest:
                self.latest = moment
            self.size += len(line)

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

    def _take_named(self, number: int, names: bytes, line: bytes) -> None:
        own = from_json(b"{%s}" % names)
        slot = (own["phase"], own["group"], own["zone"])
        self._take(number, slot, line)
        if slot in self._expected:
            self._slots[names] = slot

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
                self._bucket_in(each) if isinstance(each, bytes) else each
                for each in second.values()
            ]
        except ValidationError as error:
            problem = printable(error.errors(include_url=False, include_input=False)[0]["msg"], 400)
            raise self._changed(f"a second of the probe cannot be read: {problem}") from error

    def _bucket_in(self, line: bytes) -> Bucket:
        """Return the bucket of a line as runs write it; it stands last."""
        told = line[line.index(b"{", 1) : -len(b"}\n")]
        bucket = _BUCKET.validate_json(told, strict=True)
        if not is_modest(told) and (absurd := absurdity_in(from_json(told))):
            raise self._changed(f"a second of the probe cannot be read: {absurd}")
        return bucket

    def _changed(self, problem: str) -> UsageError:
        return UsageError(f"{self._source}: {problem}", "the journal was changed after the run")
