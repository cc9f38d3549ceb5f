"""Judge a share of the records that may at most be so large."""

from __future__ import annotations

from chaos_runner.measurements.reason import Reason
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.observed import Observed
from chaos_runner.verdict.tolerance import Measured


def at_most(limit: float, reason: Reason, doubt: Reason | None) -> Observed:
    """Judge the share that a reason counts; what could still turn it makes it inconclusive."""
    amount = share(reason.count, reason.of)
    if 100 * reason.count > limit * reason.of:
        return Observed(amount, "deviated", reason)
    return Observed(amount, "inconclusive" if doubt else "held", doubt)


def reading_doubt(counts: Measured, *, complete: bool) -> Reason | None:
    """Return why what was read does not tell all yet, or None."""
    if counts.not_yet_consumed:
        return Reason(code="not_consumed_yet", count=counts.not_yet_consumed)
    return None if complete else Reason(code="not_accounted_for")


def share(count: int, whole: int) -> Observation:
    """Return a share in percent."""
    return Observation(value=100 * count / whole, unit="percent")
