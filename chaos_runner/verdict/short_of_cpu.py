"""Doubt what a probe measured while its own machine kept it from working.

A probe that runs late sends late and reads late: its latencies are its own, and records that
it did not hand over in time were not refused by the cluster. What it lost is lost all the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.measurements.model import LATE_MILLISECONDS, Health
from chaos_runner.verdict.latency_observation import LATENCIES
from chaos_runner.verdict.observed import Observed, rounded_percentage

DOUBTFUL = frozenset({*LATENCIES, "availability"})
"""The tolerances that a starved probe cannot judge."""


def short_of_cpu(health: Sequence[Health]) -> str:
    """Return that the probe was starved, or nothing: its p99 of lateness was above 50 ms."""
    sends = sum(answer.sends for answer in health)
    late = sum(answer.late_sends for answer in health)
    if 100 * late <= sends:
        return ""
    return (
        f"the probe was starved: {rounded_percentage(late, sends)} of its sends ran more than "
        f"{LATE_MILLISECONDS:.0f} ms late"
    )


def in_doubt(tolerance: str, observed: Observed, starved: str) -> Observed:
    """Return what was observed, inconclusive where a starved probe cannot know."""
    if not starved or tolerance not in DOUBTFUL or observed.verdict == "inconclusive":
        return observed
    return Observed(observed.text, "inconclusive", starved)
