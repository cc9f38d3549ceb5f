"""`chaos-runner halt` and `resume`: end everything now, and let nothing start until told."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import InventoryOption, LimitOption, RunsOption
from chaos_runner.cli.recover import PatienceOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text, warn
from chaos_runner.errors import ChaosRunnerError, HostsNotCleanError
from chaos_runner.shown import shown, shown_line

if TYPE_CHECKING:
    from chaos_runner.execution.stopping.halt_switch import HaltSwitch
    from chaos_runner.operations.recover import Recovered
    from chaos_runner.workspace import NamedInventory


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
    from chaos_runner.execution.stopping.halt_switch import HaltSwitch
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.operations.cluster_faults import take_back_on_cluster
    from chaos_runner.operations.fleet import chosen_hosts, open_fleet
    from chaos_runner.operations.recover import take_back
    from chaos_runner.rollback.recovery_journal import recoveries_told
    from chaos_runner.workspace import find_inventory

    named = find_inventory(inventory)
    switches = [HaltSwitch.of(source, reason) for source in named.sources]
    not_halted_here = "; ".join(filter(None, map(_halted_here, switches)))
    try:
        session = open_fleet(named)
        choice = chosen_hosts(session, limit)
    except ChaosRunnerError as error:
        here = not_halted_here or "runs on it are halted here, and `chaos-runner resume` lifts that"
        error.message = f"{error.message}\nno host was asked; {here}"
        raise
    which = WhichFaults.every_and_halt(switches[0].text)
    runs_directory = runs_to_tell(runs)
    with recoveries_told(runs_directory, "halt", reason) as recoveries:
        found = take_back(
            session,
            choice,
            which,
            patience,
            recoveries,
            owed={},
            until_clean=False,
            report=warn,
            on_cluster=partial(take_back_on_cluster, session, None, runs_directory)
            if limit is None
            else lambda: None,
        )
    print_results(found, recoveries, output)
    raise_unless_clean(found)
    _raise_unless_halted(found, not_halted_here)


def _halted_here(switch: HaltSwitch) -> str:
    """Halt here; return why it could not be: the hosts go first all the same."""
    from chaos_runner.errors import UsageError
    from chaos_runner.execution.stopping.halt_switch import halt_here
    from chaos_runner.workspace import state_directory

    try:
        halt_here(switch, state_directory())
    except UsageError as error:
        print(f"chaos-runner: {shown(str(error))}", file=sys.stderr)
        return error.message
    return ""


def _raise_unless_halted(found: Recovered, not_halted_here: str) -> None:
    """Raise where new runs are not kept from starting, though every fault is off."""
    from chaos_runner.cli.text.recovery import halt_error_of

    where = {each.host: why for each in found.hosts if (why := halt_error_of(each))}
    lines = [not_halted_here] if not_halted_here else []
    lines += [f"{host}: {shown_line(why)}" for host, why in where.items()]
    if lines:
        raise HostsNotCleanError(
            "every host is clean, but not all is halted:\n  " + "\n  ".join(lines),
            "mend that, and halt again",
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
    from chaos_runner.execution.stopping.halt_switch import resume_here
    from chaos_runner.workspace import find_inventory, state_directory

    named = find_inventory(inventory)
    each = [resume_here(source, state_directory()) for source in named.sources]
    was_down = any(each)
    if here:
        _print_resumed(was_down, {}, {}, output)
        return
    try:
        asked, left_out = _resume_hosts(named, limit)
    except ChaosRunnerError as error:
        lifted = "runs may start from here again" if was_down else "nothing was halted here"
        error.message = f"{error.message}\nno host was asked, and may still be halted; {lifted}"
        raise
    _print_resumed(was_down, asked, left_out, output)
    halted = {host: why for host, why in asked.items() if why}
    if halted:
        lines = "\n  ".join(f"{host}: {shown_line(why)}" for host, why in halted.items())
        raise HostsNotCleanError(f"still halted, for they gave no answer:\n  {lines}", "try again")


def _resume_hosts(
    named: NamedInventory, limit: str | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Tell hosts; return why each did not take it (empty where it did), and who was left out."""
    from chaos_runner.operations.fleet import chosen_hosts, open_fleet
    from chaos_runner.operations.resume import resume_hosts

    session = open_fleet(named)
    choice = chosen_hosts(session, limit)
    return {**choice.unknown, **resume_hosts(session, choice.hosts)}, dict(choice.left_out)


def _print_resumed(
    was_down: bool, asked: dict[str, str], left_out: dict[str, str], output: Output
) -> None:
    free = [host for host, why in asked.items() if not why]
    if output is Output.json:
        hosts = {host: not why for host, why in asked.items()}
        why_not = {host: why for host, why in asked.items() if why}
        print_json(
            {"lifted_here": was_down, "hosts": hosts, "still_halted": why_not, "left_out": left_out}
        )
        return
    hosts_say = f"{len(free)} of {len(asked)} hosts take faults" if asked else "no host was asked"
    lines = [f"runs may start again; {hosts_say}"]
    lines += [f"{host}: left out, {why}" for host, why in left_out.items()]
    print_text("\n".join(map(shown_line, lines)))
