"""Put the records that never arrived beside the latencies of those that did.

A percentile that leaves them out describes only the survivors of an outage. A record is either
*ended* without arriving (the client reported an error, or the account is closed), and then
ranks behind all that arrived; or it is *open*, and has waited at least so long already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chaos_runner.measurements.histogram import bin_of, censored_percentile, merge, milliseconds_of
from chaos_runner.measurements.model import Bucket, Histogram, Totals

Way = Literal["ack", "end_to_end"]
_NO_WAIT = bin_of(0)


@dataclass(frozen=True)
class Quantile:
    """A percentile in milliseconds; `beyond` when it is more than that, by an unknown lot."""

    milliseconds: float
    beyond: bool

    @property
    def never(self) -> bool:
        """Tell whether nothing arrived, and nothing is known of how long it was waited for."""
        return self.beyond and self.milliseconds == milliseconds_of(_NO_WAIT)


@dataclass(frozen=True)
class Arrivals:
    """The latencies of what arrived, and the waits of what did not."""

    measured: Histogram
    ended: Histogram
    """Waits of records that will not arrive any more, none shorter than the slowest arrival."""
    open: Histogram
    """Waits so far of records that may still arrive."""

    def percentile(self, percent: float) -> Quantile | None:
        """Return a percentile over all records; None when there are none."""
        found = censored_percentile(self.measured, merge([self.ended, self.open]), percent)
        return None if found is None else Quantile(*found)

    def falls_among_ended(self, percent: float) -> bool:
        """Tell whether a percentile has no number even if all open records arrived at once."""
        found = censored_percentile(merge([self.measured, self.open]), self.ended, percent)
        return found is not None and found[1]


def arrivals_of(way: Way, counts: Bucket | Totals, *, complete: bool) -> Arrivals:
    """Return the arrivals of one latency; `complete` tells that the account is closed.

    Where the waits of some records are not known, an open one is taken to have waited not at all.
    """
    measured = counts.ack if way == "ack" else counts.end_to_end
    missing = missing_records(way, counts)
    pending = counts.pending if way == "ack" else counts.pending + counts.not_yet_consumed
    still_open = 0 if complete else max(0, min(pending, missing))
    waits = _waits(_known_waits(way, counts), missing)
    # Those that are still open were not given up yet: they have waited longest.
    ended, open_waits = _split(waits, missing - still_open)
    return Arrivals(measured, _behind(measured, ended), open_waits)


def missing_records(way: Way, counts: Bucket | Totals) -> int:
    """Return how many accepted records have not arrived."""
    arrived = counts.acked if way == "ack" else counts.consumed
    return max(0, counts.scheduled - counts.rejected - arrived)


def _known_waits(way: Way, counts: Bucket | Totals) -> Histogram:
    """Return how long records have waited; one that is not even acked was not consumed either."""
    if way == "ack":
        return counts.ack_censored
    return merge([counts.ack_censored, counts.end_to_end_censored])


def _waits(known: Histogram, missing: int) -> Histogram:
    """Return `missing` waits: the shortest of the known ones, and no wait for the rest.

    More may be known than are missing, where an indeterminate record was consumed after all; to
    leave out the longest ones never claims too much.
    """
    kept, _ = _split(known, missing)
    unknown = missing - sum(kept.values())
    return merge([kept, {_NO_WAIT: unknown}]) if unknown else kept


def _split(waits: Histogram, shortest: int) -> tuple[Histogram, Histogram]:
    """Split off so many of the shortest waits."""
    first: Histogram = {}
    rest: Histogram = {}
    left = shortest
    for bin_index in sorted(waits):
        count = min(left, waits[bin_index])
        left -= count
        if count:
            first[bin_index] = count
        if waits[bin_index] > count:
            rest[bin_index] = waits[bin_index] - count
    return first, rest


def _behind(measured: Histogram, ended: Histogram) -> Histogram:
    """Lift waits that are shorter than the slowest arrival: what failed was never faster."""
    slowest = max(measured, default=_NO_WAIT)
    lifted: Histogram = {}
    for bin_index, count in ended.items():
        place = max(bin_index, slowest)
        lifted[place] = lifted.get(place, 0) + count
    return lifted
