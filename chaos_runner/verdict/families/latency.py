"""Judge latency percentiles without leaving out the records that never arrived."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from chaos_runner.analysis.arrivals import Arrivals, Quantile, Way, arrivals_of
from chaos_runner.measurements.reason import Reason, ReasonCode
from chaos_runner.units import Duration, Within, format_duration
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.observed import Observed, nothing_observed
from chaos_runner.verdict.tolerance import Measured, RecordTolerance

_SHORTEST_LIMIT = 0.001
_LONGEST_LIMIT = 3600.0
LatencyLimit = Annotated[Duration, Within(_SHORTEST_LIMIT, _LONGEST_LIMIT, format_duration)]
"""Seconds, 1ms to 1h."""

_UNTIL: dict[Way, str] = {"ack": "to its acknowledgement", "end_to_end": "until it was consumed"}
_NONE_YET: dict[Way, ReasonCode] = {
    "ack": "none_acknowledged_yet",
    "end_to_end": "none_consumed_yet",
}
_NEVER: dict[Way, ReasonCode] = {"ack": "never_acknowledged", "end_to_end": "never_consumed"}
_LATE: dict[Way, ReasonCode] = {"ack": "late_acknowledged", "end_to_end": "late_consumed"}


class LatencyTolerance(RecordTolerance):
    """A percentile of one of the latencies may be at most so long."""

    written = LatencyLimit
    unit = "seconds"
    doubtful_when_short_of_cpu = True
    way: ClassVar[Way]
    """Which latency."""
    percent: ClassVar[float]

    def __init_subclass__(cls) -> None:
        cls.judged_by = f"from the moment a record was due {_UNTIL[cls.way]}"

    @classmethod
    def patience(cls, limit: float) -> float:
        """Return the limit: until then a record that is open is not late."""
        return limit

    @classmethod
    def observe(cls, limit: float, counts: Measured, *, complete: bool) -> Observed:
        """Judge one percentile against a limit in seconds.

        Unless `complete`, records that may still arrive can make the answer inconclusive; they
        make it deviated only once they have waited longer than the limit.
        """
        arrivals = arrivals_of(cls.way, counts, complete=complete)
        found = arrivals.percentile(cls.percent)
        if found is None:
            return nothing_observed(cls.unit, _NONE_YET[cls.way])
        exceeded = found.milliseconds > 1000 * limit
        if not found.beyond:
            return Observed(_amount(found), "deviated" if exceeded else "held")
        if exceeded or arrivals.falls_among_ended(cls.percent):
            return Observed(_amount(found), "deviated", _missing(arrivals, cls.way))
        return _undecided(arrivals, found, cls.way)


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
