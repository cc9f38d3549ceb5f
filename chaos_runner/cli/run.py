"""`chaos-runner run`: execute experiments one after another and say how each ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.output import Output, OutputOption, print_json
from chaos_runner.cli.plan import InventoryOption, TrustOption
from chaos_runner.cli.running import RunsOption, execute_plan, outcome_as_json, write_report

if TYPE_CHECKING:
    from chaos_runner.cli.fleet_session import FleetSession
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.run.execution import Outcome

WORST_FIRST = (10, 130, 143, 129, 70, 5, 4, 3, 1, 0)
"""Which exit code stands for several runs: the first of these that any of them ended with."""


def run(
    experiments: Annotated[list[Path], typer.Argument(help="Experiment files, run in this order.")],
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    trust: TrustOption = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before touching hosts.")] = False,
    output: OutputOption = Output.text,
) -> None:
    """Run experiments: apply their faults, judge the steady state, put every host back."""
    from chaos_runner.cli.fleet_session import open_fleet
    from chaos_runner.experiment.load import load_experiment
    from chaos_runner.run.lever import refuse_if_down
    from chaos_runner.run.trust import require_trust
    from chaos_runner.workspace import find_inventory, find_runs, state_directory

    loaded = [(load_experiment(file), file) for file in experiments]  # every mistake first
    for experiment, file in loaded:
        require_trust(experiment, file, trusted=trust)
    runs_directory = find_runs(runs)
    named = find_inventory(inventory)
    for source in named.sources:
        refuse_if_down(source, state_directory())
    session = open_fleet(named)
    finished = _run_all(loaded, session, runs_directory, yes=yes)
    reports = {outcome.run: write_report(outcome) for outcome in finished}
    if output is Output.json:
        results = [outcome_as_json(outcome, reports[outcome.run]) for outcome in finished]
        print_json(results[0] if len(experiments) == 1 else {"runs": results})
    else:
        from chaos_runner.cli.summary import print_summary

        print_summary(finished, reports)
    codes = {outcome.exit_code for outcome in finished}
    raise typer.Exit(next(code for code in WORST_FIRST if code in codes))


def _run_all(
    experiments: list[tuple[Experiment, Path]],
    session: FleetSession,
    runs_directory: Path,
    *,
    yes: bool,
) -> list[Outcome]:
    """Run until one is interrupted or leaves a host that is not clean."""
    from chaos_runner.cli.fleet_session import confirm_hosts
    from chaos_runner.cli.planning import plan_experiment

    finished: list[Outcome] = []
    for experiment, file in experiments:
        plan = plan_experiment(experiment, file, session)
        plan.refuse_if_unsafe()
        confirm_hosts(session, plan.targets, yes=yes)
        outcome = execute_plan(plan, session.ansible, runs_directory)
        finished.append(outcome)
        if outcome.exit_code not in (0, 1, 3):
            break
    return finished
