"""Find the longest time for which a partition acknowledged nothing."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.analysis.moments import Moments, Time
from chaos_runner.kafka.measures import Blackout, Exposure

SHORTEST = 1.0
"""Seconds; the probe tells no shorter ones."""


def blackouts_since(blackouts: Sequence[Blackout], moments: Moments) -> tuple[Blackout, ...]:
    """Return those that had not ended when the fault came, the longest first."""
    later = [gap for gap in blackouts if gap.end is None or gap.end > moments.on]
    return tuple(sorted(later, key=lambda gap: _length(gap, moments), reverse=True))


def longest_blackout(
    blackouts: Sequence[Blackout] | None, moments: Moments, group: Exposure | None = None
) -> Time:
    """Return the longest blackout since the first fault was on; None where none was measured.

    The probe tells one blackout a partition, its longest, and none below a second, which is
    told as zero. It is censored where it had not ended with the last record, and where a
    longer one from before the fault stands in its place.
    """
    if blackouts is None:
        return Time(seconds=None, note="the probe gave no account of blackouts")
    own = [gap for gap in blackouts if group is None or gap.group == group]
    later = blackouts_since(own, moments)
    longest = later[0] if later else None
    seconds = round(_length(longest, moments), 1) if longest else 0.0
    hidden = [gap for gap in own if gap not in later and _length(gap, moments) > seconds]
    if hidden:
        where = f"partition {hidden[0].partition}"
        note = f"{where} had a longer one before the fault, and any of it since is not told"
        return Time(seconds=seconds, censored=True, note=note)
    if longest is None:
        return Time(seconds=0.0, note=f"no partition was without an ack for {SHORTEST:g} s")
    where = f"partition {longest.partition}"
    if longest.end is None:
        where += ", still without an ack when the last record was sent"
    return Time(seconds=seconds, censored=longest.end is None, note=where)


def _length(gap: Blackout, moments: Moments) -> float:
    return max(0.0, (moments.end if gap.end is None else gap.end) - gap.start)
