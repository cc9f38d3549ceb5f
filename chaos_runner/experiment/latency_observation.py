"""Judge latency percentiles without leaving out the records that never arrived.

A record that was never acknowledged, or never read back, took longer than all that were: it is
counted above them (right-censored). A percentile that falls among such records is `> X`, X
being the slowest one that did arrive. Otherwise a p99 during an outage would describe only
the survivors.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.experiment.observed import Observed
from chaos_runner.kafka.latency import percentile
from chaos_runner.kafka.measures import Bucket, Histogram, Totals
from chaos_runner.units import format_duration

LATENCIES: dict[str, tuple[str, float]] = {
    "ack_p50": ("ack", 50),
    "ack_p99": ("ack", 99),
    "ack_max": ("ack", 100),
    "end_to_end_p50": ("end_to_end", 50),
    "end_to_end_p99": ("end_to_end", 99),
    "end_to_end_max": ("end_to_end", 100),
}
"""Tolerance to its histogram and its percent."""


@dataclass(frozen=True)
class Arrivals:
    """Hold the latencies of what arrived, and how many records did not."""

    histogram: Histogram
    never: int
    """Records that are known not to have arrived, or not in time."""
    open: int
    """Records that may still arrive."""

    def percentile(self, percent: float, missing: int) -> float | None:
        """Return seconds, or None when the percentile falls among `missing` records."""
        arrived = sum(self.histogram.values())
        if percent * (arrived + missing) > 100 * arrived:
            return None
        rank = percent * (arrived + missing) / arrived if arrived else 0
        milliseconds = percentile(self.histogram, min(rank, 100))
        return None if milliseconds is None else milliseconds / 1000


def observe_latency(
    tolerance: str, limit: float, counts: Bucket | Totals, *, complete: bool
) -> Observed:
    """Judge one percentile against a limit in seconds.

    Unless `complete`, records that may still arrive can make the answer inconclusive, but
    never deviated.
    """
    which, percent = LATENCIES[tolerance]
    arrivals = arrivals_of(which, counts, complete=complete)
    known = arrivals.percentile(percent, arrivals.never)
    if known is None:
        return _beyond(arrivals, which)
    if known > limit:
        return Observed(_text(known), "deviated")
    worst = arrivals.percentile(percent, arrivals.never + arrivals.open)
    if worst is None or worst > limit:
        return Observed(_text(known), "inconclusive", f"{arrivals.open} records are still open")
    return Observed(_text(known), "held")


def arrivals_of(which: str, counts: Bucket | Totals, *, complete: bool) -> Arrivals:
    """Return the arrivals of `ack` or `end_to_end`; unless `complete`, some may still come."""
    accepted = counts.scheduled - counts.rejected
    if which == "ack":
        histogram, missing, pending = counts.ack, accepted - counts.acked, counts.pending
    else:
        histogram, missing = counts.end_to_end, accepted - counts.seen
        pending = counts.pending + counts.unseen
    still_open = 0 if complete else max(0, min(pending, missing))
    return Arrivals(histogram, max(0, missing) - still_open, still_open)


def _beyond(arrivals: Arrivals, which: str) -> Observed:
    slowest = percentile(arrivals.histogram, 100)
    what = "acknowledged" if which == "ack" else "read back"
    if slowest is None and not arrivals.never:
        return Observed("nothing", "inconclusive", f"no record was {what} yet")
    text = "never" if slowest is None else f"> {_text(slowest / 1000)}"
    return Observed(text, "deviated", f"{arrivals.never} records were never {what}")


def _text(seconds: float) -> str:
    """Round to three significant digits: a bin is 1.6 % wide, more would be invented."""
    return format_duration(float(f"{seconds:.3g}"))
