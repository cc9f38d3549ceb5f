"""`chaos-runner run`: execute experiments one after another and say how each ended."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.attempt import Attempt
from chaos_runner.cli.live.running import execute_plan, try_report
from chaos_runner.cli.options.shared import (
    InventoryOption,
    OneChannelOption,
    RunsOption,
    TrustOption,
)
from chaos_runner.cli.text.crash import crash_told
from chaos_runner.cli.text.outcome import outcome_as_json
from chaos_runner.cli.text.output import Output, OutputOption, print_json
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.operations.run import worst_exit_code
from chaos_runner.shown import shown, shown_line

if TYPE_CHECKING:
    from chaos_runner.execution.phases import Outcome
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.planning.plan import Plan


@dataclass
class _Done:
    """The runs that are over, with their reports, and what kept the rest from beginning."""

    finished: list[Outcome] = field(default_factory=list)
    reports: dict[str, Path | None] = field(default_factory=dict)
    stopped: ChaosRunnerError | None = None
    stopped_by: str = ""
    """The title of the experiment that could not begin."""

    @property
    def exit_code(self) -> int:
        """Return the worst code of all; an experiment that could not begin counts with its own."""
        codes = {outcome.exit_code for outcome in self.finished}
        if self.stopped is not None:
            codes.add(self.stopped.exit_code)
        return worst_exit_code(codes)


def run(
    experiments: Annotated[list[Path], typer.Argument(help="Experiment files, run in this order.")],
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    trust: TrustOption = False,
    one_channel: OneChannelOption = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before touching hosts.")] = False,
    output: OutputOption = Output.text,
) -> None:
    """Run experiments: apply their faults, judge the steady state, restore every host."""
    from chaos_runner.execution.stopping.halt_switch import refuse_if_down
    from chaos_runner.experiment.load import load_experiment
    from chaos_runner.operations.fleet import open_fleet
    from chaos_runner.planning.trust_gate import require_trust
    from chaos_runner.workspace import find_inventory, find_runs, state_directory

    loaded = [(load_experiment(file), file) for file in experiments]  # every mistake first
    for experiment, file in loaded:
        require_trust(experiment, file, trusted=trust)
    runs_directory = find_runs(runs)
    named = find_inventory(inventory)
    for source in named.sources:
        refuse_if_down(source, state_directory())
    session = open_fleet(named)
    done = _run_all(loaded, session, runs_directory, yes=yes, one_channel=one_channel)
    if not done.finished and done.stopped is not None:
        raise done.stopped
    _print(done, output, many=len(experiments) > 1)
    raise typer.Exit(done.exit_code)


def _run_all(
    experiments: list[tuple[Experiment, Path]],
    session: FleetSession,
    runs_directory: Path,
    *,
    yes: bool,
    one_channel: bool,
) -> _Done:
    """Run until one is interrupted, cannot begin, or leaves a host that is not clean.

    Each is reported as soon as it is over: nothing that comes after it takes that away.
    """
    from chaos_runner.cli.text.confirmation import confirm_hosts
    from chaos_runner.operations.run import run_experiment

    done = _Done()

    def execute(plan: Plan) -> Outcome:
        outcome = execute_plan(plan, session.ansible, runs_directory)
        done.finished.append(outcome)
        done.reports[outcome.run] = try_report(outcome)
        return outcome

    for experiment, file in experiments:
        with Attempt() as attempt:
            outcome = run_experiment(
                experiment,
                file,
                session,
                one_channel=one_channel,
                confirm=lambda plan: confirm_hosts(session, plan.touched, yes=yes),
                execute=execute,
            )
        if (error := attempt.error) is not None:
            done.stopped = error if isinstance(error, ChaosRunnerError) else crash_told(error)
            done.stopped_by = experiment.title
            break
        if outcome.exit_code not in (0, 1, 3):
            break
    return done


def _print(done: _Done, output: Output, *, many: bool) -> None:
    from chaos_runner.cli.text.summary import print_summary

    told = done.stopped
    if output is Output.json:
        results = [
            outcome_as_json(outcome, done.reports.get(outcome.run)) for outcome in done.finished
        ]
        error = {"message": told.message, "hint": told.hint} if told else None
        if many:
            print_json({"runs": results} | ({"error": error} if error else {}))
        else:
            print_json(results[0])
    else:
        print_summary(done.finished, done.reports)
    if told:
        print(f"chaos-runner: {shown_line(done.stopped_by)}: {shown(str(told))}", file=sys.stderr)
