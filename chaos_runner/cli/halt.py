"""`chaos-runner halt` and `resume`: end everything now, and let nothing start until told."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_runner.cli.output import Output, OutputOption, print_json
from chaos_runner.cli.plan import InventoryOption
from chaos_runner.cli.recover import PatienceOption
from chaos_runner.cli.running import RunsOption


def halt(
    reason: Annotated[str, typer.Argument(help="Why; whoever wants to start a run reads it.")] = "",
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    patience: PatienceOption = 30.0,
    output: OutputOption = Output.text,
) -> None:
    """Take every fault back, and let no run start on this inventory until `resume`."""
    from chaos_runner.cli.fleet_session import open_fleet
    from chaos_runner.cli.recovery import print_results, raise_unless_clean, take_back
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.run.lever import Lever, lower
    from chaos_runner.run.recovery_journal import recoveries_told
    from chaos_runner.workspace import find_inventory, find_runs, state_directory

    named = find_inventory(inventory)
    for source in named.sources:
        lever = Lever.of(source, reason)
        lower(lever, state_directory())
    which = WhichFaults.every_and_halt(lever.text)
    with recoveries_told(find_runs(runs), "halt", reason) as recoveries:
        results = take_back(open_fleet(named), which, patience, recoveries, until_clean=False)
    print_results(results, recoveries, output)
    raise_unless_clean(results, output)


def resume(inventory: InventoryOption = None, output: OutputOption = Output.text) -> None:
    """Let runs start on this inventory again after `halt`."""
    from chaos_runner.cli.fleet_session import open_fleet
    from chaos_runner.errors import HostsNotCleanError
    from chaos_runner.fleet.guard_answers import ResumeAnswer
    from chaos_runner.run.lever import lift
    from chaos_runner.workspace import find_inventory, state_directory

    named = find_inventory(inventory)
    session = open_fleet(named)
    hosts = list(session.inventory.hosts)
    outcome = session.ansible.run("resume.yml", hosts, {}, timeout=60.0)
    answers = {host: outcome.per_host[host].answer(ResumeAnswer) for host in hosts}
    halted = {
        host: (answer.error if answer else outcome.per_host[host].message) or "no answer"
        for host, answer in answers.items()
        if answer is None or not answer.ok
    }
    lifted = [lift(source, state_directory()) for source in named.sources]
    if output is Output.json:
        print_json(
            {"lifted_here": any(lifted), "hosts": {host: host not in halted for host in hosts}}
        )
    else:
        print(f"runs may start again; {len(hosts) - len(halted)} of {len(hosts)} hosts take faults")
    if halted:
        lines = "\n  ".join(f"{host}: {why}" for host, why in halted.items())
        raise HostsNotCleanError(f"still halted, for they gave no answer:\n  {lines}", "try again")
