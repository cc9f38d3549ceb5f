"""What `recover` and `halt` share: take faults back on every host, and say how each ended."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import typer

from chaos_runner.cli.fleet_session import FleetSession
from chaos_runner.cli.output import Output, print_json
from chaos_runner.errors import HostsNotCleanError

if TYPE_CHECKING:
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.run.recovery_journal import Recoveries
    from chaos_runner.run.rollback import Reverted

ROUND_PAUSE = 5.0
"""Seconds between two rounds over the hosts that are not clean."""


def take_back(
    session: FleetSession,
    which: WhichFaults,
    patience: float,
    recoveries: Recoveries,
    *,
    until_clean: bool,
) -> list[Reverted]:
    """Revert on every host of the inventory; with `until_clean` until all of them are clean.

    Rounds that follow ask only the hosts that are not clean yet. Ctrl-C ends it between rounds.
    After each round the runs of the faults are told.
    """
    from chaos_runner.run.rollback import roll_back

    results: dict[str, Reverted] = {}
    hosts = list(session.inventory.hosts)
    while hosts:
        answers = roll_back(
            session.inventory,
            hosts,
            which,
            session.ansible,
            spare=None,
            give_up_after=patience,
            on_reverted=lambda reverted: None,
        )
        recoveries.tell(answers.values())
        results |= answers
        hosts = [host for host in hosts if results[host].state != "clean"]
        if not until_clean or not hosts:
            break
        time.sleep(ROUND_PAUSE)
    return [results[host] for host in session.inventory.hosts]


def print_results(results: list[Reverted], recoveries: Recoveries, output: Output) -> None:
    """Print each host's state, what is still not as it was, and which runs were told."""
    if output is Output.json:
        told = [str(path) for path in recoveries.paths]
        print_json({"hosts": [_as_json(result) for result in results], "told": told})
    else:
        print("\n".join(_as_text(result) for result in results))
        for path in recoveries.paths:
            print(f"`chaos-runner report {path.parent}` now tells how these hosts came back")
    for run, why in recoveries.problems.items():
        print(f"chaos-runner: the journal of run {run} is not told: {why}", file=sys.stderr)


def raise_unless_clean(results: list[Reverted], output: Output) -> None:
    """Raise HostsNotCleanError when a host is dirty or unknown."""
    if any(result.state != "clean" for result in results):
        if output is Output.json:
            # The document just printed tells it; a second one would make it unreadable.
            raise typer.Exit(HostsNotCleanError.exit_code)
        raise HostsNotCleanError(
            "not every host is clean",
            "`chaos-runner recover --all --until-clean` asks again until each of them is",
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
        lines += [f"    not by chaos-runner: {line}" for line in fault.others]
    return "\n".join(lines)
