"""Judge latency percentiles without leaving out the records that never arrived."""

from __future__ import annotations

from typing import Literal

from chaos_runner.analysis.arrivals import Arrivals, Quantile, Way, arrivals_of
from chaos_runner.measurements.model import Bucket, Totals
from chaos_runner.measurements.reason import Reason, ReasonCode
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.observed import Observed, nothing_observed

LATENCIES: dict[str, tuple[Way, float]] = {
    "ack_p50": ("ack", 50),
    "ack_p99": ("ack", 99),
    "ack_max": ("ack", 100),
    "end_to_end_p50": ("end_to_end", 50),
    "end_to_end_p99": ("end_to_end", 99),
    "end_to_end_max": ("end_to_end", 100),
}
"""Tolerance to its latency and its percent."""

_NONE_YET: dict[Way, ReasonCode] = {
    "ack": "none_acknowledged_yet",
    "end_to_end": "none_consumed_yet",
}
_NEVER: dict[Way, ReasonCode] = {"ack": "never_acknowledged", "end_to_end": "never_consumed"}
_LATE: dict[Way, ReasonCode] = {"ack": "late_acknowledged", "end_to_end": "late_consumed"}


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
        return nothing_observed("seconds", _NONE_YET[which])
    exceeded = found.milliseconds > 1000 * limit
    if not found.beyond:
        return Observed(_amount(found), "deviated" if exceeded else "held")
    if exceeded or arrivals.falls_among_ended(percent):
        return Observed(_amount(found), "deviated", _missing(arrivals, which))
    return _undecided(arrivals, found, which)


def _undecided(arrivals: Arrivals, found: Quantile, which: Way) -> Observed:
    if not arrivals.measured:
        return nothing_observed("seconds", _NONE_YET[which])
    still_open = Reason(code="still_open", count=sum(arrivals.open.values()))
    return Observed(_amount(found), "inconclusive", still_open)


def _missing(arrivals: Arrivals, which: Way) -> Reason:
    if ended := sum(arrivals.ended.values()):
        return Reason(code=_NEVER[which], count=ended)
    return Reason(code=_LATE[which], count=sum(arrivals.open.values()))


def _amount(found: Quantile) -> Observation:
    """Round to three significant digits: a bin is 1.6 % wide, more would be invented."""
    if found.never:
        return Observation(value=None, unit="seconds", bound="above")
    seconds = float(f"{found.milliseconds / 1000:.3g}")
    bound: Literal["above", "exact"] = "above" if found.beyond else "exact"
    return Observation(value=seconds, unit="seconds", bound=bound)
