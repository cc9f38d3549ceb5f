"""Judge a phase against the steady state."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.measurements.model import Health
from chaos_runner.verdict.judgement import Judgement, Verdict, worst_verdict
from chaos_runner.verdict.limits import Limits, judgement_of, observe
from chaos_runner.verdict.short_of_cpu import in_doubt, short_of_cpu
from chaos_runner.verdict.tolerance import Measured


def judge_phase(
    steady_state: Limits, counts: Measured, health: Sequence[Health], *, complete: bool
) -> tuple[Verdict, list[Judgement]]:
    """Return the verdict on a phase, and a judgement for each tolerance that is set.

    `complete` tells that every record was accounted for. Without it, pending and unread
    records make a verdict inconclusive wherever they could turn it; what already exceeds a
    limit is deviated either way. Where the health answers say that the probe itself was
    short of CPU, latencies and availability that deviate are inconclusive. The cluster is judged
    by the answers that the control node got.
    """
    short = short_of_cpu(health)
    here = [answer for answer in health if not answer.zone]
    judgements = [
        judgement_of(
            name,
            limit,
            in_doubt(name, observe(name, limit, counts, here, complete=complete), short),
        )
        for name, limit in steady_state.limits().items()
    ]
    return worst_verdict(judgement.verdict for judgement in judgements), judgements
