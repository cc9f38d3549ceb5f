"""Run an experiment: plan it, have it confirmed, execute it; for `run` and for game days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.execution.phases import Outcome
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.planning.plan import Plan

MOST_PLANS = 3
"""How often one experiment is planned, where its targets lose the part they were chosen for
between the plan and the first touch."""
WORST_FIRST = (10, 130, 143, 129, 70, 5, 4, 2, 3, 1, 0)
"""Which exit code stands for several runs: the first of these that any of them ended with."""


def run_experiment(
    experiment: Experiment,
    file: Path,
    session: FleetSession,
    *,
    one_channel: bool,
    confirm: Callable[[Plan], None],
    execute: Callable[[Plan], Outcome],
) -> Outcome:
    """Plan an experiment and execute the plan, anew where the plan was outdated; return the last.

    `confirm` raises RefusedError where the plan is not wanted. Raises what planning raises, and
    RefusedError where the plan is not safe.
    """
    from chaos_runner.operations.plan import plan_experiment

    for _ in range(MOST_PLANS):
        plan = plan_experiment(experiment, file, session, one_channel=one_channel)
        plan.refuse_if_unsafe()
        confirm(plan)
        outcome = execute(plan)
        if not outcome.plan_outdated:
            break
    return outcome


def worst_exit_code(codes: Iterable[int]) -> int:
    """Return the exit code that stands for several; 0 for none."""
    found = set(codes)
    return next((code for code in WORST_FIRST if code in found), max(found, default=0))
