"""`chaos-runner run`: execute experiments one after another and say how each ended."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.output import Output, OutputOption, print_json
from chaos_runner.cli.plan import InventoryOption

if TYPE_CHECKING:
    from chaos_runner.cli.fleet_session import FleetSession
    from chaos_runner.cli.live import LiveDisplay
    from chaos_runner.run.execution import Outcome
    from chaos_runner.run.interruption import Interruption
    from chaos_runner.run.plan import Plan

WORST_FIRST = (10, 130, 143, 129, 70, 5, 4, 3, 1, 0)
"""Which exit code stands for several runs: the first of these that any of them ended with."""


def run(
    experiments: Annotated[list[Path], typer.Argument(help="Experiment files, run in this order.")],
    inventory: InventoryOption = None,
    runs: Annotated[
        Path | None,
        typer.Option(
            "--runs", help="Where journals and reports are kept.", envvar="CHAOS_RUNNER_RUNS"
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before touching hosts.")] = False,
    output: OutputOption = Output.text,
) -> None:
    """Run experiments: apply their faults, judge the steady state, put every host back."""
    from chaos_runner.cli.fleet_session import open_fleet
    from chaos_runner.experiment.load import load_experiment
    from chaos_runner.run.lever import refuse_if_down
    from chaos_runner.workspace import find_inventory, find_runs, state_directory

    for experiment in experiments:
        load_experiment(experiment)  # every mistake of every file before anything else
    runs_directory = find_runs(runs)
    source = find_inventory(inventory)
    refuse_if_down(source, state_directory())
    session = open_fleet(source)
    finished = _run_all(experiments, session, runs_directory, yes=yes)
    reports = {outcome.run: _write_report(outcome) for outcome in finished}
    if output is Output.json:
        results = [_as_json(outcome, reports[outcome.run]) for outcome in finished]
        print_json(results[0] if len(experiments) == 1 else {"runs": results})
    else:
        from chaos_runner.cli.summary import print_summary

        print_summary(finished, reports)
    codes = {outcome.exit_code for outcome in finished}
    raise typer.Exit(next(code for code in WORST_FIRST if code in codes))


def _run_all(
    experiments: list[Path], session: FleetSession, runs_directory: Path, *, yes: bool
) -> list[Outcome]:
    """Run until one is interrupted or leaves a host that is not clean."""
    from chaos_runner.cli.fleet_session import confirm_hosts
    from chaos_runner.cli.live import LiveDisplay
    from chaos_runner.cli.planning import plan_experiment
    from chaos_runner.run.interruption import watch_signals

    finished: list[Outcome] = []
    for experiment in experiments:
        plan = plan_experiment(experiment, session)
        plan.refuse_if_unsafe()
        confirm_hosts(session, plan.targets, yes=yes)
        display = LiveDisplay(plan)
        with watch_signals(display.on_signal) as interruption, display:
            outcome = _run_one(plan, session, runs_directory, display, interruption)
        finished.append(outcome)
        if outcome.exit_code not in (0, 1, 3):
            break
    return finished


def _run_one(
    plan: Plan,
    session: FleetSession,
    runs_directory: Path,
    display: LiveDisplay,
    interruption: Interruption,
) -> Outcome:
    from chaos_runner.cli.versions import versions
    from chaos_runner.run.start import start_run

    return start_run(
        plan, session.ansible, interruption, runs_directory, versions(), display.observe
    )


def _write_report(outcome: Outcome) -> Path | None:
    """Write the report; a full disk must not hide how the run and its hosts ended."""
    from chaos_runner.cli.report import write_html
    from chaos_runner.errors import UsageError

    try:
        return write_html(outcome.journal)
    except UsageError as error:
        print(f"chaos-runner: no report: {error}", file=sys.stderr)
        return None


def _as_json(outcome: Outcome, report: Path | None) -> dict[str, object]:
    return {
        "run": outcome.run,
        "title": outcome.title,
        "verdict": outcome.verdict,
        "exit_code": outcome.exit_code,
        "reasons": outcome.reasons,
        "hosts": [{"name": name, "state": state} for name, state in outcome.hosts.items()],
        "journal": str(outcome.journal),
        "report": str(report) if report else None,
    }
