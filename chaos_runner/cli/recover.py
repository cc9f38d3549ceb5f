"""`chaos-runner recover`: put every host back, from any state, without the experiment file."""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path
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
    from chaos_runner.fleet.inventory import Inventory
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.operations.recover import Recovered
    from chaos_runner.rollback.recovery_journal import Recoveries

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
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.operations.cluster_faults import access_named, take_back_on_cluster
    from chaos_runner.operations.fleet import chosen_hosts, open_fleet
    from chaos_runner.operations.recover import take_back
    from chaos_runner.rollback.recovery_journal import recoveries_told
    from chaos_runner.workspace import find_inventory

    if (run is None) != everything:
        raise UsageError(
            "name either a run or --all", "`chaos-runner recover --all` is always safe"
        )
    if accept and until_clean:
        raise UsageError("--accept and --until-clean exclude each other", "accept first")
    session = open_fleet(find_inventory(inventory))
    if run is not None:
        _refuse_what_is_no_run(run, session.inventory)
    file = str(command_config.absolute()) if command_config else None
    kafka = {"bootstrap_servers": bootstrap_servers, "properties_file": file}
    access = access_named(session, asked_experiment(None, kafka=kafka).kafka)
    which = WhichFaults.every() if run is None else WhichFaults.of_run(run)
    runs_directory = runs_to_tell(runs)
    owed = None if run is None else _owed(run, runs_directory)
    with recoveries_told(runs_directory, "recover") as recoveries:
        found = take_back(
            session,
            chosen_hosts(session, limit),
            which,
            patience,
            recoveries,
            owed=owed or {},
            until_clean=until_clean,
            report=warn,
            on_cluster=partial(take_back_on_cluster, session, run, runs_directory, access)
            if limit is None
            else lambda: None,
        )
        if accept and not found.ended_by:
            _accept(session, which, found, recoveries, yes=yes)
    print_results(found, recoveries, output)
    if run is not None and owed is None and not found.ended_by and not found.knows(run):
        raise_unknown_run(run, found)
    raise_unless_clean(found)


def _accept(
    session: FleetSession,
    which: WhichFaults,
    found: Recovered,
    recoveries: Recoveries,
    *,
    yes: bool,
) -> None:
    from chaos_runner.cli.text.confirmation import confirm_differences
    from chaos_runner.errors import RefusedError
    from chaos_runner.measurements.cluster_fault import CLUSTER
    from chaos_runner.operations.accept import accept, differences_of
    from chaos_runner.operations.cluster_faults import accept_on_cluster

    differences = differences_of(found)
    if not differences:
        return
    try:
        confirm_differences(differences, yes=yes)
    except RefusedError as error:  # what was found is told all the same
        print(f"chaos-runner: {error}", file=sys.stderr)
        return
    hosts = list(dict.fromkeys(each.host for each in differences))
    if CLUSTER in hosts:
        hosts.remove(CLUSTER)
        found.results[CLUSTER] = accept_on_cluster(found.results[CLUSTER], recoveries)
    found.results |= accept(session, which, hosts, recoveries)


def _refuse_what_is_no_run(run: str, inventory: Inventory) -> None:
    from chaos_runner.errors import UsageError

    if run in inventory.hosts or run in inventory.groups:
        raise UsageError(
            f"`{run}` is a {'host' if run in inventory.hosts else 'group'}, not a run",
            f"for all faults on it: `chaos-runner recover --all --limit {run}`",
        )
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}", run):
        raise UsageError(
            f"`{run}` is no id of a run", "an id is such as `20261123-144500-k3f9a2c1`"
        )


def _owed(run: str, runs_directory: Path) -> dict[str, set[str]] | None:
    """Return what the run's journal says of its hosts, None where it cannot be read: go on."""
    from chaos_runner.errors import UsageError
    from chaos_runner.rollback.unproved_faults import owed_by

    try:
        return owed_by(run, runs_directory)
    except UsageError:
        return None
