"""Find the longest time for which a partition acknowledged nothing."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.analysis.moments import Moments, Time, no_time
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Outage
from chaos_runner.measurements.reason import Reason, ReasonCode

SHORTEST = 1.0
"""Seconds; the probe tells no shorter ones."""


def outages_since(outages: Sequence[Outage], moments: Moments) -> tuple[Outage, ...]:
    """Return those that had not ended when the fault came, the longest first."""
    later = [gap for gap in outages if gap.end is None or gap.end > moments.on]
    return tuple(sorted(later, key=lambda gap: _length(gap, moments), reverse=True))


def longest_outage(
    outages: Sequence[Outage] | None, moments: Moments, group: Exposure | None = None
) -> Time:
    """Return the longest outage since the first fault was on; None where none was measured.

    The probe tells one outage a partition, its longest, and none below a second, which is
    told as zero. It is censored where it had not ended with the last record, and where a
    longer one from before the fault stands in its place.
    """
    if outages is None:
        return no_time("no_outages_measured")
    own = [gap for gap in outages if group is None or gap.group == group]
    later = outages_since(own, moments)
    longest = later[0] if later else None
    seconds = round(_length(longest, moments), 1) if longest else 0.0
    hidden = [gap for gap in own if gap not in later and _length(gap, moments) > seconds]
    if hidden:
        reason = Reason(code="longer_outage_before", partition=hidden[0].partition)
        return Time(seconds=seconds, censored=True, reason=reason)
    if longest is None:
        return Time(seconds=0.0, reason=Reason(code="no_outage"))
    over = longest.end is not None
    code: ReasonCode = "outage_of_partition" if over else "outage_not_over"
    reason = Reason(code=code, partition=longest.partition)
    return Time(seconds=seconds, censored=not over, reason=reason)


def _length(gap: Outage, moments: Moments) -> float:
    return max(0.0, (moments.end if gap.end is None else gap.end) - gap.start)
