"""`chaos-runner halt` and `resume`: end everything now, and let nothing start until told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import InventoryOption, LimitOption, RunsOption
from chaos_runner.cli.recover import PatienceOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text, warn
from chaos_runner.errors import HostsNotCleanError
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.operations.recovery.halt import Halted, Resumed


def halt(
    reason: Annotated[str, typer.Argument(help="Why; whoever wants to start a run reads it.")] = "",
    limit: LimitOption = None,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    patience: PatienceOption = 30.0,
    output: OutputOption = Output.text,
) -> None:
    """Take every fault back, and let no run start on this inventory until `resume`.

    It is halted here first, whatever state the inventory and the hosts are in.
    """
    from chaos_runner.cli.text.recovery import print_results, raise_unless_clean, runs_to_tell
    from chaos_runner.operations.recovery.halt import halt_fleet
    from chaos_runner.workspace import find_inventory

    named = find_inventory(inventory)
    halted = halt_fleet(
        named, reason, runs_to_tell(runs), limit=limit, patience=patience, report=warn
    )
    print_results(halted.recovered, output)
    raise_unless_clean(halted.recovered)
    _raise_unless_halted(halted)


def _raise_unless_halted(halted: Halted) -> None:
    """Raise where new runs are not kept from starting, though every fault is off."""
    lines = [halted.not_halted_here] if halted.not_halted_here else []
    lines += [f"{host}: {shown_line(why)}" for host, why in halted.not_halted.items()]
    if lines:
        raise HostsNotCleanError(
            "every host is clean, but not all is halted:\n  " + "\n  ".join(lines),
            "fix that, and halt again",
        )


def resume(
    limit: LimitOption = None,
    here: Annotated[
        bool, typer.Option("--here", help="Lift it on this machine only; no host is asked.")
    ] = False,
    inventory: InventoryOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Let runs start on this inventory again after `halt`.

    It is lifted here whatever state the inventory is in; a host that gives no answer stays
    halted, and is named.
    """
    from chaos_runner.operations.recovery.halt import resume_fleet
    from chaos_runner.workspace import find_inventory

    resumed = resume_fleet(find_inventory(inventory), limit=limit, only_here=here)
    _print_resumed(resumed, output)
    if halted := resumed.still_halted:
        lines = "\n  ".join(f"{host}: {shown_line(why)}" for host, why in halted.items())
        raise HostsNotCleanError(f"still halted, for they gave no answer:\n  {lines}", "try again")


def _print_resumed(resumed: Resumed, output: Output) -> None:
    if output is Output.json:
        print_json(
            {
                "lifted_here": resumed.was_halted_here,
                "hosts": {host: not why for host, why in resumed.hosts.items()},
                "still_halted": resumed.still_halted,
                "left_out": dict(resumed.left_out),
            }
        )
        return
    asked, free = len(resumed.hosts), len(resumed.hosts) - len(resumed.still_halted)
    hosts_say = f"{free} of {asked} hosts take faults" if asked else "no host was asked"
    lines = [f"runs may start again; {hosts_say}"]
    lines += [f"{host}: left out, {why}" for host, why in resumed.left_out.items()]
    print_text("\n".join(map(shown_line, lines)))
