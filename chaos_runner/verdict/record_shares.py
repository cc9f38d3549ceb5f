"""Judge one tolerance by what was measured: a pure function of counts, never of a clock.

A tolerance is exceeded only by what is known. Where records are still unaccounted for and
could turn the answer, the verdict is inconclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaos_runner.measurements.model import Bucket, Health, Totals
from chaos_runner.measurements.reason import Reason
from chaos_runner.verdict.health_observation import HEALTH_TOLERANCES, observe_health
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.latency_observation import LATENCIES, observe_latency
from chaos_runner.verdict.limits import unit_of
from chaos_runner.verdict.observed import Observed, nothing_observed

Measured = Bucket | Totals


def observe(
    tolerance: str, limit: float, counts: Measured, health: Sequence[Health], *, complete: bool
) -> Observed:
    """Judge one tolerance; `limit` is percent, seconds or a count, as in the steady state.

    `complete` tells that every record was accounted for: what is still pending then counts as
    never acknowledged.
    """
    if tolerance in HEALTH_TOLERANCES:
        return observe_health(tolerance, limit, health)
    if counts.scheduled == 0:
        return nothing_observed(unit_of(tolerance), "no_record_sent")
    if tolerance in LATENCIES:
        return observe_latency(tolerance, limit, counts, complete=complete)
    return _SHARES[tolerance](limit, counts, complete)


def _loss(limit: float, counts: Measured, complete: bool) -> Observed:
    if counts.acked == 0:
        return nothing_observed("percent", "none_acknowledged")
    reason = Reason(code="lost", count=counts.lost, of=counts.acked)
    return _at_most(limit, reason, _reading_doubt(counts, complete))


def _duplicates(limit: float, counts: Measured, complete: bool) -> Observed:
    if counts.seen == 0:
        return nothing_observed("percent", "none_consumed")
    reason = Reason(code="duplicates", count=counts.duplicates, of=counts.seen)
    return _at_most(limit, reason, _reading_doubt(counts, complete))


def _availability(limit: float, counts: Measured, complete: bool) -> Observed:
    """Judge acknowledged by scheduled: records refused by the client's queue count against it."""
    amount = _share(counts.acked, counts.scheduled)
    needed = limit * counts.scheduled
    if 100 * counts.acked >= needed:
        return Observed(amount, "held")
    if not complete and 100 * (counts.acked + counts.pending) >= needed:
        doubt = Reason(code="may_be_acknowledged", count=counts.pending)
        return Observed(amount, "inconclusive", doubt)
    missing = counts.scheduled - counts.acked
    reason = Reason(code="not_acknowledged", count=missing, of=counts.scheduled)
    return Observed(amount, "deviated", reason)


def _at_most(limit: float, reason: Reason, doubt: Reason | None) -> Observed:
    amount = _share(reason.count, reason.of)
    if 100 * reason.count > limit * reason.of:
        return Observed(amount, "deviated", reason)
    return Observed(amount, "inconclusive" if doubt else "held", doubt)


def _reading_doubt(counts: Measured, complete: bool) -> Reason | None:
    if counts.unseen:
        return Reason(code="not_consumed_yet", count=counts.unseen)
    return None if complete else Reason(code="not_accounted_for")


def _share(count: int, whole: int) -> Observation:
    return Observation(value=100 * count / whole, unit="percent")


_SHARES: dict[str, Callable[[float, Measured, bool], Observed]] = {
    "loss": _loss,
    "duplicates": _duplicates,
    "availability": _availability,
}
