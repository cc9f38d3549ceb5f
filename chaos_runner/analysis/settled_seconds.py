"""Seconds of which nothing more is told, as far as they tell whether clients are well off.

A second whose histograms are kept takes some kilobytes, one of these 56 bytes: a run of days has
room for all of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan, nan

from chaos_runner.analysis.latency import latency_of
from chaos_runner.analysis.second_summarizer import COMPLETE_AFTER
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.series import MeasuredSecond, Series


@dataclass(frozen=True, slots=True)
class SettledSecond:
    """What all records of a second came to; the counts are those of `Counts`."""

    number: int
    start: float
    scheduled: int
    acked: int
    lost: int
    not_yet_consumed: int
    slowest: float | None
    """The p99 of the end-to-end latency, milliseconds."""


class SettledSeconds:
    """Settled seconds, in the order in which they came."""

    def __init__(self) -> None:
        self._starts = array("d")
        self._slowest = array("d")
        self._counts = array("q")
        """Of each second its number and the counts."""

    def take(self, second: MeasuredSecond) -> None:
        """Take a second of which nothing more is told."""
        whole = second.whole
        slowest = slowest_of(whole)
        self._starts.append(second.start)
        self._slowest.append(nan if slowest is None else slowest)
        counts = (whole.scheduled, whole.acked, whole.lost, whole.not_yet_consumed)
        self._counts.extend((second.number, *counts))

    def later_than(self, moment: float) -> Iterator[SettledSecond]:
        """Yield the seconds that end after a moment, on the clock of their buckets."""
        for place, start in enumerate(self._starts):
            if start + 1.0 > moment:
                number, scheduled, acked, lost, unread = self._counts[5 * place : 5 * place + 5]
                p99 = self._slowest[place]
                slowest = None if isnan(p99) else p99
                yield SettledSecond(number, start, scheduled, acked, lost, unread, slowest)


class ClientSeconds:
    """The seconds of a run that goes on: the newest whole, the others as far as they are judged.

    Whole are those of which something may still be told, as for the seconds in the journal.
    """

    def __init__(self, beyond: int = 0) -> None:
        """`beyond` is for how many seconds more they are kept whole."""
        self._settled = SettledSeconds()
        self.series = Series(remember=COMPLETE_AFTER + beyond, settled=self._settled.take)

    def later_than(self, moment: float) -> list[MeasuredSecond | SettledSecond]:
        """Return the seconds that end after a moment, in order of time."""
        newest = (second for second in self.series if second.start + 1.0 > moment)
        found: list[MeasuredSecond | SettledSecond] = [*self._settled.later_than(moment), *newest]
        return sorted(found, key=lambda second: second.number)


def slowest_of(totals: Totals) -> float | None:
    """Return the p99 of the end-to-end latency, of records that are not on their way any more."""
    return latency_of("end_to_end", totals, final=True).p99
