"""`chaos-runner gameday run`, `rehearse` and `resume`: walk through an agenda."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.gameday.check import DayArgument
from chaos_runner.cli.options.shared import (
    InventoryOption,
    OneChannelOption,
    RunsOption,
    TrustOption,
)
from chaos_runner.cli.text.output import Output, OutputOption, print_json, warn

if TYPE_CHECKING:
    from chaos_runner.cli.gameday.terminal import Terminal
    from chaos_runner.operations.gameday.walk import Execute, OpenDay

YesOption = Annotated[
    bool, typer.Option("--yes", help="Do not ask for the number of hosts; go is asked for still.")
]
DayOption = Annotated[
    str | None,
    typer.Option("--day", help="A game day's id or directory; by default the newest."),
]


def run(
    file: DayArgument,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    trust: TrustOption = False,
    one_channel: OneChannelOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Walk through the agenda of a game day: go or no-go before each item, then do it.

    Other shells note, notice and abort meanwhile. A walk that was cut off is resumed.
    """
    from chaos_runner.operations.gameday.check import problems_now, trusted_gameday
    from chaos_runner.operations.gameday.walk import start_day
    from chaos_runner.workspace import find_runs

    loaded = trusted_gameday(file, trusted=trust)
    for problem in problems_now(loaded):
        warn(problem)
    runs_directory = find_runs(runs)
    execute = _executor(inventory, runs_directory, yes=yes, one_channel=one_channel)
    day = start_day(loaded, runs_directory, rehearsal=False)
    _walk(day, execute, output, resumed=False)


def rehearse(
    file: DayArgument,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    trust: TrustOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Walk through the agenda with the faults left out: the probe measures, no host is touched."""
    from chaos_runner.cli.gameday.terminal import Rehearser
    from chaos_runner.operations.gameday.check import trusted_gameday
    from chaos_runner.operations.gameday.walk import start_day
    from chaos_runner.workspace import find_runs

    loaded = trusted_gameday(file, trusted=trust)
    runs_directory = find_runs(runs)
    day = start_day(loaded, runs_directory, rehearsal=True)
    _walk(day, Rehearser(inventory, runs_directory), output, resumed=False)


def resume(
    day: DayOption = None,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    trust: TrustOption = False,
    one_channel: OneChannelOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Go on with a game day that was stopped, or whose terminal was closed."""
    from chaos_runner.cli.gameday.terminal import Rehearser
    from chaos_runner.gameday.journal import find_day, read_day
    from chaos_runner.operations.gameday.walk import reopen_day
    from chaos_runner.workspace import find_runs

    runs_directory = find_runs(runs)
    path = find_day(day, runs_directory)
    opened = reopen_day(path, trusted=trust)
    kept = path.parent.parent
    execute: Execute = (
        Rehearser(inventory, kept)
        if read_day(path).started.rehearsal
        else _executor(inventory, kept, yes=yes, one_channel=one_channel)
    )
    _walk(opened, execute, output, resumed=True)


def _executor(
    inventory: list[Path] | None, runs_directory: Path, *, yes: bool, one_channel: bool
) -> Execute:
    from chaos_runner.cli.gameday.terminal import Executor
    from chaos_runner.execution.stopping.halt_switch import refuse_if_down
    from chaos_runner.operations.fleet import open_fleet
    from chaos_runner.workspace import find_inventory, state_directory

    named = find_inventory(inventory)
    for source in named.sources:
        refuse_if_down(source, state_directory())
    return Executor(open_fleet(named), runs_directory, yes=yes, one_channel=one_channel)


def _walk(day: OpenDay, execute: Execute, output: Output, *, resumed: bool) -> None:
    from chaos_runner.cli.gameday.terminal import Terminal
    from chaos_runner.gameday.walk_lock import walk_lock
    from chaos_runner.operations.gameday import remarks
    from chaos_runner.operations.gameday.walk import take_up, walk
    from chaos_runner.operations.run import worst_exit_code

    terminal = Terminal(lambda line: remarks.typed(day.path, line))
    with walk_lock(day.path.parent), terminal.until_closed():
        warn(f"game day {day.path.parent.name}: {day.loaded.day.title}")
        if resumed:
            take_up(day, terminal)
        codes = walk(day, terminal, terminal.watched(execute))
    _print(day, terminal, output)
    raise typer.Exit(worst_exit_code(codes))


def _print(day: OpenDay, terminal: Terminal, output: Output) -> None:
    from chaos_runner.cli.text.outcome import outcome_as_json
    from chaos_runner.cli.text.summary import print_summary

    if output is Output.json:
        progress = day.progress
        print_json(
            {
                "day": day.path.parent.name,
                "title": day.loaded.day.title,
                "finished": progress.is_finished,
                "journal": str(day.path),
                "runs": [
                    outcome_as_json(outcome, terminal.reports.get(outcome.run))
                    for outcome in terminal.outcomes
                ],
            }
        )
    elif terminal.outcomes:
        print_summary(terminal.outcomes, terminal.reports)
