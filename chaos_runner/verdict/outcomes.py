"""Judge what only a whole run can tell: recovery, outages, and the control group."""

from __future__ import annotations

from chaos_runner.verdict.judgement import Judgement
from chaos_runner.verdict.limits import OutcomeLimits, judgement_of
from chaos_runner.verdict.registry import of_a_run
from chaos_runner.verdict.run_outcomes import Outcomes


def judge_outcomes(steady_state: OutcomeLimits, phase: str, outcomes: Outcomes) -> list[Judgement]:
    """Return a judgement for each of these tolerances that is set and belongs to a phase."""
    kinds = of_a_run()
    return [
        judgement_of(name, limit, kinds[name].observe(limit, outcomes))
        for name, limit in steady_state.outcomes().items()
        if kinds[name].phase == phase
    ]
