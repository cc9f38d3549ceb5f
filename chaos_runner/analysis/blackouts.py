"""Find the longest time for which a partition acknowledged nothing."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.analysis.moments import Moments, Time
from chaos_runner.kafka.measures import Blackout, Exposure

SHORTEST = 1.0
"""Seconds; the probe tells no shorter ones."""


def blackouts_since(
    blackouts: Sequence[Blackout], moments: Moments, group: Exposure | None = None
) -> tuple[Blackout, ...]:
    """Return those of a group, or of all, that had not ended when the fault came: longest first."""
    later = [
        gap
        for gap in blackouts
        if (gap.end is None or gap.end > moments.on) and (group is None or gap.group == group)
    ]
    return tuple(sorted(later, key=lambda gap: _length(gap, moments), reverse=True))


def longest_blackout(blackouts: Sequence[Blackout] | None, moments: Moments) -> Time:
    """Return the longest blackout since the first fault was on; None where none was measured.

    The probe tells one blackout a partition, its longest, and none below a second, which is
    told as zero. One that had not ended with the last record is censored: it lasted at least
    until then.
    """
    if blackouts is None:
        return Time(seconds=None, note="the probe's final account is missing")
    later = blackouts_since(blackouts, moments)
    if not later:
        return Time(seconds=0.0, note=f"no partition was without an ack for {SHORTEST:g} s")
    longest = later[0]
    where = f"partition {longest.partition}"
    if longest.end is None:
        where += ", still without an ack when the last record was sent"
    seconds = round(_length(longest, moments), 1)
    return Time(seconds=seconds, censored=longest.end is None, note=where)


def _length(gap: Blackout, moments: Moments) -> float:
    return max(0.0, (moments.end if gap.end is None else gap.end) - gap.start)
