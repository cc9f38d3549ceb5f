"""Tell how `recover` and `halt` ended on each host, and raise what the exit code asks for."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from chaos_runner.cli.text.output import Output, print_json, print_text, warn
from chaos_runner.errors import HostsNotCleanError, UsageError
from chaos_runner.shown import as_argument, shown_line

if TYPE_CHECKING:
    from chaos_runner.operations.recovery.take_back import Recovered
    from chaos_runner.rollback.rollback import Reverted


def print_results(found: Recovered, output: Output) -> None:
    """Print each host's state, what is still not as it was, and which runs were told."""
    if output is Output.json:
        print_json(
            {
                "hosts": [_as_json(reverted) for reverted in found.hosts],
                "left_out": dict(found.choice.left_out),
                "told": [str(path) for path in found.told],
            }
        )
    else:
        lines = [line for reverted in found.hosts for line in _as_lines(reverted)]
        lines += [f"{host}: left out, {why}" for host, why in found.choice.left_out.items()]
        lines += [
            f"`chaos-runner report {as_argument(str(path.parent))}` now tells how these hosts "
            "came back"
            for path in found.told
        ]
        print_text("\n".join(map(shown_line, lines)))
    for run, why in found.untold.items():
        text = shown_line(f"the journal of run {run} is not told: {why}")
        print(f"chaos-runner: {text}", file=sys.stderr)


def raise_unless_clean(found: Recovered) -> None:
    """Raise what ends the command: a signal's exit code, or HostsNotCleanError."""
    if found.ended_by:
        print("chaos-runner: ended early; above is what is known", file=sys.stderr)
        raise typer.Exit(found.ended_by)
    if not found.clean:
        raise HostsNotCleanError(
            "not every host is clean",
            how_to_settle(found.hosts)
            or "`chaos-runner recover --all --until-clean` asks again until each of them is",
        )


def how_to_settle(hosts: Iterable[Reverted]) -> str:
    """Return what to do where every host that is not clean has forgotten a fault, or nothing."""
    unclean = [each for each in hosts if each.state != "clean"]
    if not unclean or not all(each.state == "unknown" and each.forgotten for each in unclean):
        return ""
    runs = dict.fromkeys(run for each in unclean for run in each.forgotten.values())
    commands = " and ".join(f"`chaos-runner recover {as_argument(run)} --accept`" for run in runs)
    return f"see whether the host is as it should be; then {commands} settles it"


def raise_unknown_run(run: str, found: Recovered) -> NoReturn:
    """Raise that no host knows a run, and say which runs are there; 10 where one is not clean."""
    others = [
        f"{fault.run or 'unknown'} ({fault.kind or 'a fault'} on {host}: {fault.phase or '?'})"
        for host, fault in found.known_faults()
    ]
    there = f"others are there: {', '.join(dict.fromkeys(others))}" if others else "nor any other"
    message = f"no host knows a run `{run}`; {there}"
    hint = "name the id of a run, or take back every fault with `chaos-runner recover --all`"
    if found.clean or all(_only_another_run(each, found) for each in found.hosts):
        raise UsageError(message, hint)
    raise HostsNotCleanError(message, hint)


def _only_another_run(reverted: Reverted, found: Recovered) -> bool:
    """Tell whether a host is not clean for nothing but a fault of a run that goes on there."""
    from chaos_runner.fleet.guard_answers.answer import OVER

    busy = {host for host, fault in found.known_faults() if fault.phase not in OVER}
    return reverted.state == "clean" or (reverted.state == "dirty" and reverted.host in busy)


def _as_json(reverted: Reverted) -> dict[str, object]:
    faults = reverted.answer.faults if reverted.answer else []
    return {
        "name": reverted.host,
        "state": reverted.state,
        "channel": reverted.channel,
        "message": reverted.message,
        "residue": list(reverted.residue),
        "not_halted": reverted.halt_error,
        "faults": [fault.model_dump() for fault in faults],
    }


def _as_lines(reverted: Reverted) -> list[str]:
    faults = reverted.answer.faults if reverted.answer else []
    message = f", {reverted.message}" if reverted.message else ""
    lines = [f"{reverted.host}: {reverted.state}{message}"]
    if why := reverted.halt_error:
        lines.append(f"  it does not keep that it is halted: {why}")
    for fault in faults:
        lines.append(f"  {fault.kind} of run {fault.run}: {fault.phase.lower()}, by {fault.by}")
        lines += [f"    {difference}" for difference in fault.differences]
        lines += [f"    not by chaos-runner: {line}" for line in fault.others]
        lines += [f"    accepted: {line}" for line in fault.accepted]
    return [*lines, *(f"  left there: {line}" for line in reverted.residue)]


def runs_to_tell(flag: Path | None) -> Path:
    """Return where journals are; a mistake in the workspace's file must not stop a recovery."""
    from chaos_runner.errors import ChaosRunnerError
    from chaos_runner.workspace import find_runs, state_directory

    try:
        return find_runs(flag)
    except ChaosRunnerError as error:
        default = state_directory() / "runs"
        warn(f"only the journals in {default} are told: {error.message}")
        return default
