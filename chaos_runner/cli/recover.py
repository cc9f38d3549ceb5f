"""`chaos-runner recover`: put every host back, from any state, without the experiment file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import (
    CommandConfigOption,
    InventoryOption,
    LimitOption,
    RunsOption,
    ServersOption,
)
from chaos_runner.cli.text.output import Output, OutputOption, warn

if TYPE_CHECKING:
    from chaos_runner.operations.recovery.accept import Difference

PatienceOption = Annotated[
    float, typer.Option(min=0, help="Seconds to keep asking hosts that do not answer.")
]


def recover(
    run: Annotated[
        str | None, typer.Argument(help="A run's id; without one, --all must be said.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Take back every fault of every run.")
    ] = False,
    limit: LimitOption = None,
    until_clean: Annotated[
        bool, typer.Option("--until-clean", help="Go on until every host is clean.")
    ] = False,
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Take as it is now what is undone and yet not as before."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --accept: do not ask.")] = False,
    inventory: InventoryOption = None,
    bootstrap_servers: ServersOption = None,
    command_config: CommandConfigOption = None,
    runs: RunsOption = None,
    patience: PatienceOption = 30.0,
    output: OutputOption = Output.text,
) -> None:
    """Take faults back on every host of an inventory, again and again if need be.

    Each host is looked at afterwards: only one on which nothing is left is clean. What the hosts
    answer is written beside the journals of their runs, where those are here. With --accept, what
    somebody changed meanwhile is shown line by line, and the host is taken as it is then. Faults of
    the cluster are taken back with the run's own client properties, where this machine has them;
    else with a file that is named, or with those servers alone.
    """
    from chaos_runner.cli.options.experiment import asked_experiment
    from chaos_runner.cli.text.recovery import (
        print_results,
        raise_unknown_run,
        raise_unless_clean,
        runs_to_tell,
    )
    from chaos_runner.errors import UsageError
    from chaos_runner.operations.fleet import open_fleet
    from chaos_runner.operations.recovery.cluster_faults import access_named
    from chaos_runner.operations.recovery.recover import recover_fleet
    from chaos_runner.workspace import find_inventory

    if (run is None) != everything:
        raise UsageError(
            "name either a run or --all", "`chaos-runner recover --all` is always safe"
        )
    if accept and until_clean:
        raise UsageError("--accept and --until-clean exclude each other", "accept first")
    session = open_fleet(find_inventory(inventory))
    file = str(command_config.absolute()) if command_config else None
    kafka = {"bootstrap_servers": bootstrap_servers, "properties_file": file}
    found = recover_fleet(
        session,
        run,
        runs_to_tell(runs),
        limit=limit,
        patience=patience,
        until_clean=until_clean,
        access=access_named(session, asked_experiment(None, kafka=kafka).kafka),
        confirm_accepting=partial(_confirm, yes=yes) if accept else None,
        report=warn,
    )
    print_results(found, output)
    if run is not None and found.run_is_unknown and not found.ended_by:
        raise_unknown_run(run, found)
    raise_unless_clean(found)


def _confirm(differences: Sequence[Difference], *, yes: bool) -> None:
    from chaos_runner.cli.text.confirmation import confirm_differences

    confirm_differences(differences, yes=yes)
