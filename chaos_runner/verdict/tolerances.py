"""Judge a phase against the steady state."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.experiment.steady_state import Tolerances
from chaos_runner.measurements.model import Health
from chaos_runner.units import format_duration, format_percentage
from chaos_runner.verdict.health_observation import HEALTH_TOLERANCES, health_limit_text
from chaos_runner.verdict.judgement import Judgement, Verdict, worst_verdict
from chaos_runner.verdict.latency_observation import LATENCIES
from chaos_runner.verdict.observed import Observed
from chaos_runner.verdict.record_shares import Measured, observe
from chaos_runner.verdict.short_of_cpu import in_doubt, short_of_cpu


def judge_phase(
    steady_state: Tolerances, counts: Measured, health: Sequence[Health], *, complete: bool
) -> tuple[Verdict, list[Judgement]]:
    """Return the verdict on a phase, and a judgement for each tolerance that is set.

    `complete` tells that every record was accounted for. Without it, pending and unread
    records make a verdict inconclusive wherever they could turn it; what already exceeds a
    limit is deviated either way. Where the health answers say that the probe itself was
    starved, latencies and availability are inconclusive.
    """
    starved = short_of_cpu(health)
    judgements = [
        _judgement(
            name,
            limit,
            in_doubt(name, observe(name, limit, counts, health, complete=complete), starved),
        )
        for name, limit in steady_state.limits().items()
    ]
    return worst_verdict(judgement.verdict for judgement in judgements), judgements


def limit_text(name: str, limit: float) -> str:
    """Return a tolerance's limit in words, e.g. `at most 250ms`."""
    if name in LATENCIES:
        return f"at most {format_duration(limit)}"
    if name in HEALTH_TOLERANCES:
        return health_limit_text(name, limit)
    return f"{'at least' if name == 'availability' else 'at most'} {format_percentage(limit)}"


def _judgement(name: str, limit: float, observed: Observed) -> Judgement:
    return Judgement(
        tolerance=name,
        limit=limit_text(name, limit),
        observed=observed.text,
        verdict=observed.verdict,
        reason=observed.reason,
    )
