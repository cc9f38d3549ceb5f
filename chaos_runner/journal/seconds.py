"""The seconds of the probe among the lines of a journal: they are most of it.

The probe tells a second again until all of its records have reached an end; what seconds came to is
told once more, when they are summarized. Of a second that is not, what was told last is decoded.
"""

from __future__ import annotations

import re

from pydantic import TypeAdapter, ValidationError

from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.analysis.summarized_seconds import SummarizedSeconds
from chaos_runner.errors import UsageError
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket
from chaos_runner.units import printable

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


MOST_SECONDS = 1_000_000
"""Seconds of a run, or of a group in it, far more than a journal has room for as runs write it."""


class SecondReader:
    """The seconds that a journal has told so far; `finish` returns them."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found = RunSeconds()
        self._slots: dict[tuple[bytes, ...], _Slot] = {}
        """Those of buckets as runs write them."""
        self._expected: set[_Slot] = set()
        self._waiting: dict[int, dict[_Slot, Bucket | bytes]] = {}
        """Seconds that are not summarized, as they were told last."""

    def take_line(self, line: bytes) -> float | None:
        """Take a line that is a bucket as runs write it, and return when it was written.

        None for any other line, which is not taken.
        """
        match = _AS_WRITTEN.fullmatch(line)
        if match is None:
            return None
        elapsed, bucket, second, *names = match.groups()
        self._take(int(second), self._slot(tuple(names)), bucket)
        return float(elapsed)

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

    def _slot(self, names: tuple[bytes, ...]) -> _Slot:
        known = self._slots.get(names)
        if known is None:
            phase, group, zone = (each.decode() for each in names)
            known = self._slots[names] = (phase, group, zone)
        return known

    def _take(self, number: int, slot: _Slot, bucket: Bucket | bytes) -> None:
        second = self._waiting.get(number)
        if second is None:
            if number in self._found:
                return
            second = self._waiting[number] = {}
        if slot not in self._expected:
            phase, group, zone = slot
            self._expected.add(slot)
            self._found.expect(phase, Exposure(group), zone)
        second[slot] = bucket

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
