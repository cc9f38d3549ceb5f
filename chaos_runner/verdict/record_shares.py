"""Judge one tolerance by what was measured: a pure function of counts, never of a clock.

A tolerance is exceeded only by what is known. Where records are still unaccounted for and
could turn the answer, the verdict is inconclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaos_runner.measurements.model import Bucket, Health, Totals
from chaos_runner.verdict.health_observation import HEALTH_TOLERANCES, observe_health
from chaos_runner.verdict.latency_observation import LATENCIES, observe_latency
from chaos_runner.verdict.observed import Observed, rounded_percentage

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
        return Observed("nothing", "inconclusive", "the probe sent no record")
    if tolerance in LATENCIES:
        return observe_latency(tolerance, limit, counts, complete=complete)
    return _SHARES[tolerance](limit, counts, complete)


def _loss(limit: float, counts: Measured, complete: bool) -> Observed:
    if counts.acked == 0:
        return Observed("nothing", "inconclusive", "no record was acknowledged")
    reason = f"{counts.lost} of {counts.acked} acknowledged records are lost"
    return _at_most(limit, counts.lost, counts.acked, reason, _reading_doubt(counts, complete))


def _duplicates(limit: float, counts: Measured, complete: bool) -> Observed:
    if counts.seen == 0:
        return Observed("nothing", "inconclusive", "no record was read back")
    reason = f"{counts.duplicates} extra readings of {counts.seen} records"
    return _at_most(limit, counts.duplicates, counts.seen, reason, _reading_doubt(counts, complete))


def _availability(limit: float, counts: Measured, complete: bool) -> Observed:
    """Judge acknowledged by scheduled: records refused by the client's queue count against it."""
    text = rounded_percentage(counts.acked, counts.scheduled)
    needed = limit * counts.scheduled
    if 100 * counts.acked >= needed:
        return Observed(text, "held")
    if not complete and 100 * (counts.acked + counts.pending) >= needed:
        doubt = f"{counts.pending} records may still be acknowledged"
        return Observed(text, "inconclusive", doubt)
    missing = counts.scheduled - counts.acked
    return Observed(
        text, "deviated", f"{missing} of {counts.scheduled} records were not acknowledged"
    )


def _at_most(limit: float, count: int, whole: int, reason: str, doubt: str) -> Observed:
    text = rounded_percentage(count, whole)
    if 100 * count > limit * whole:
        return Observed(text, "deviated", reason)
    return Observed(text, "inconclusive" if doubt else "held", doubt)


def _reading_doubt(counts: Measured, complete: bool) -> str:
    if counts.unseen:
        return f"{counts.unseen} acknowledged records were not read back yet"
    return "" if complete else "not every record is accounted for"


_SHARES: dict[str, Callable[[float, Measured, bool], Observed]] = {
    "loss": _loss,
    "duplicates": _duplicates,
    "availability": _availability,
}
