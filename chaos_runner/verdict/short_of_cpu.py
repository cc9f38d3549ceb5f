"""Doubt what a probe measured while its own machine kept it from working.

A probe that runs late sends late and reads late: part of its latencies are its own, and records
that it did not hand over in time were not refused by the cluster. It can only make a cluster look
worse: what held although the probe was late held, and what deviated may be its own doing. What it
lost is lost all the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.measurements.model import Health, is_short_of_cpu
from chaos_runner.measurements.reason import Reason
from chaos_runner.verdict.observed import Observed
from chaos_runner.verdict.registry import tolerances


def short_of_cpu(health: Sequence[Health]) -> Reason | None:
    """Return that a probe was short of CPU, of those of all zones, or None."""
    for zone in dict.fromkeys(answer.zone for answer in health):
        own = [answer for answer in health if answer.zone == zone]
        sends = sum(answer.sends for answer in own)
        late = sum(answer.late_sends for answer in own)
        if is_short_of_cpu(late, sends):
            return Reason(code="short_of_cpu", count=late, of=sends)
    return None


def in_doubt(tolerance: str, observed: Observed, short: Reason | None) -> Observed:
    """Return what was observed, inconclusive where a probe short of CPU may have caused it."""
    doubtful = tolerances()[tolerance].doubtful_when_short_of_cpu
    if short is None or not doubtful or observed.verdict != "deviated":
        return observed
    return Observed(observed.amount, "inconclusive", short)
