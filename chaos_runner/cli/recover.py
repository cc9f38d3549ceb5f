"""`chaos-runner recover`: put every host back, from any state, without the experiment file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.output import Output, OutputOption, print_json
from chaos_runner.cli.plan import InventoryOption

if TYPE_CHECKING:
    from chaos_runner.run.rollback import Reverted


def recover(
    run: Annotated[
        str | None, typer.Argument(help="A run's id; without one, --all must be said.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Take back every fault of every run.")
    ] = False,
    inventory: InventoryOption = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to keep asking hosts that do not answer.")
    ] = 30.0,
    output: OutputOption = Output.text,
) -> None:
    """Take faults back on every host of an inventory, again and again if need be."""
    from chaos_runner.cli.fleet_session import open_fleet
    from chaos_runner.errors import HostsNotCleanError, UsageError
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.run.rollback import roll_back
    from chaos_runner.workspace import find_inventory

    if (run is None) != everything:
        raise UsageError(
            "name either a run or --all", "`chaos-runner recover --all` is always safe"
        )
    session = open_fleet(find_inventory(inventory))
    results = roll_back(
        session.inventory,
        list(session.inventory.hosts),
        WhichFaults.every() if run is None else WhichFaults.of_run(run),
        session.ansible,
        spare=None,
        give_up_after=patience,
        on_reverted=lambda reverted: None,
    )
    if output is Output.json:
        print_json({"hosts": [_as_json(result) for result in results.values()]})
    else:
        print("\n".join(_as_text(result) for result in results.values()))
    if any(result.state != "clean" for result in results.values()):
        raise HostsNotCleanError(
            "not every host is clean", "run `chaos-runner recover --all` again when they answer"
        )


def _as_json(result: Reverted) -> dict[str, object]:
    faults = result.answer.faults if result.answer else []
    return {
        "name": result.host,
        "state": result.state,
        "hand": result.hand,
        "message": result.message,
        "faults": [fault.model_dump() for fault in faults],
    }


def _as_text(result: Reverted) -> str:
    faults = result.answer.faults if result.answer else []
    lines = [f"{result.host}: {result.state}" + (f", {result.message}" if result.message else "")]
    for fault in faults:
        lines.append(f"  {fault.kind} of run {fault.run}: {fault.phase.lower()}, by {fault.by}")
        lines += [f"    {difference}" for difference in fault.differences]
    return "\n".join(lines)
