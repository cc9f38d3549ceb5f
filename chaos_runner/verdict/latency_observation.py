"""Judge latency percentiles without leaving out the records that never arrived."""

from __future__ import annotations

from chaos_runner.analysis.arrivals import Arrivals, Quantile, Way, arrivals_of
from chaos_runner.measurements.model import Bucket, Totals
from chaos_runner.units import format_duration
from chaos_runner.verdict.observed import Observed

LATENCIES: dict[str, tuple[Way, float]] = {
    "ack_p50": ("ack", 50),
    "ack_p99": ("ack", 99),
    "ack_max": ("ack", 100),
    "end_to_end_p50": ("end_to_end", 50),
    "end_to_end_p99": ("end_to_end", 99),
    "end_to_end_max": ("end_to_end", 100),
}
"""Tolerance to its latency and its percent."""

_ARRIVED = {"ack": "acknowledged", "end_to_end": "read back"}


def observe_latency(
    tolerance: str, limit: float, counts: Bucket | Totals, *, complete: bool
) -> Observed:
    """Judge one percentile against a limit in seconds.

    Unless `complete`, records that may still arrive can make the answer inconclusive; they
    make it deviated only once they have waited longer than the limit.
    """
    which, percent = LATENCIES[tolerance]
    arrivals = arrivals_of(which, counts, complete=complete)
    found = arrivals.percentile(percent)
    if found is None:
        return Observed("nothing", "inconclusive", f"no record was {_ARRIVED[which]} yet")
    exceeded = found.milliseconds > 1000 * limit
    if not found.beyond:
        return Observed(_text(found), "deviated" if exceeded else "held")
    if exceeded or arrivals.falls_among_ended(percent):
        return Observed(_text(found), "deviated", _missing(arrivals, which))
    return _undecided(arrivals, found, which)


def _undecided(arrivals: Arrivals, found: Quantile, which: Way) -> Observed:
    if not arrivals.measured:
        return Observed("nothing", "inconclusive", f"no record was {_ARRIVED[which]} yet")
    still_open = sum(arrivals.open.values())
    return Observed(_text(found), "inconclusive", f"{still_open} records are still open")


def _missing(arrivals: Arrivals, which: Way) -> str:
    ended, still_open = sum(arrivals.ended.values()), sum(arrivals.open.values())
    if ended:
        return f"{ended} records were never {_ARRIVED[which]}"
    return f"{still_open} records are not {_ARRIVED[which]} yet"


def _text(found: Quantile) -> str:
    """Round to three significant digits: a bin is 1.6 % wide, more would be invented."""
    if found.never:
        return "never"
    text = format_duration(float(f"{found.milliseconds / 1000:.3g}"))
    return f"> {text}" if found.beyond else text
