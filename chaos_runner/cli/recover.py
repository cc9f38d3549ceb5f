"""`chaos-runner recover`: put every host back, from any state, without the experiment file."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_runner.cli.output import Output, OutputOption
from chaos_runner.cli.plan import InventoryOption
from chaos_runner.cli.running import RunsOption

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
    until_clean: Annotated[
        bool, typer.Option("--until-clean", help="Go on until every host is clean.")
    ] = False,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    patience: PatienceOption = 30.0,
    output: OutputOption = Output.text,
) -> None:
    """Take faults back on every host of an inventory, again and again if need be.

    What the hosts answer is written beside the journals of their runs, where those are here.
    """
    from chaos_runner.cli.fleet_session import open_fleet
    from chaos_runner.cli.recovery import print_results, raise_unless_clean, take_back
    from chaos_runner.errors import UsageError
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.run.recovery_journal import recoveries_told
    from chaos_runner.workspace import find_inventory, find_runs

    if (run is None) != everything:
        raise UsageError(
            "name either a run or --all", "`chaos-runner recover --all` is always safe"
        )
    session = open_fleet(find_inventory(inventory))
    which = WhichFaults.every() if run is None else WhichFaults.of_run(run)
    with recoveries_told(find_runs(runs), "recover") as recoveries:
        results = take_back(session, which, patience, recoveries, until_clean=until_clean)
    print_results(results, recoveries, output)
    raise_unless_clean(results, output)
