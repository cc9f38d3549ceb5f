"""Time what a run does to a whole fleet, next to the cheapest thing that Ansible can do there.

For each size it brings a lab of light hosts up (a few namespaces and an sshd each, all on this
machine), measures in rounds, and takes it down. With `--measure` it measures in the lab that
`CHAOS_LAB` names and prints JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from typing import Annotated

import typer
from fleet_rounds import Steps, guard_cpu, measure_round, megabytes, open_fleet

from chaos_runner.lab.lifecycle import lab
from chaos_runner.lab.spec import HostSpec, LabSpec

GOALS = {
    "preflight": 1.2,
    "inject": 2.0,
    "roll back": 1.2,
    "verify": 0.5,
    "audit": 1.2,
    "recover, new connections": 1.2,
    "preflight, new connections": 1.2,
    "audit, new connections": 1.2,
    "last host rolled back": 1.0,
}
"""Times `raw` that a step may take; those over new connections are held against `raw` over new."""
RAW, RAW_ANEW = "raw", "raw, new connections"


def main(
    hosts: Annotated[
        list[int] | None, typer.Option(help="The size of a fleet; repeatable.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    *,
    measure: Annotated[bool, typer.Option("--measure", hidden=True)] = False,
) -> None:
    """Measure fleets of each size, and print medians with their ratios."""
    if measure:
        print(json.dumps(_measured(rounds)))
        return
    for size in hosts or [20, 60]:
        _print_size(size, _in_a_lab_of(size, rounds))


def _in_a_lab_of(size: int, rounds: int) -> dict[str, list[Steps]]:
    name = f"fleet-{size}"
    host = HostSpec(name="host", backend="light", count=size)
    lab.up(LabSpec(name=name, kafka=False, hosts=(host,)), lambda *_: None)
    try:
        command = [sys.executable, __file__, "--measure", "--rounds", str(rounds)]
        environment = {**os.environ, "CHAOS_LAB": name}
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        found: dict[str, list[Steps]] = json.loads(done.stdout)
        return found
    finally:
        lab.down(name, lambda *_: None)


def _measured(rounds: int) -> dict[str, list[Steps]]:
    with open_fleet() as fleet:
        fleet.install_guard()
        measured = [measure_round(fleet) for _ in range(rounds)]
        return {
            "steps": [steps for steps, _ in measured],
            "processor": [processor for _, processor in measured],
            "guard": [guard_cpu(fleet)],
            "memory": [megabytes()],
        }


def _print_size(size: int, found: dict[str, list[Steps]]) -> None:
    print(f"\n{size} hosts\n")
    print(
        "| step | s | s a host | times raw | goal | control node's CPU | times raw |\n"
        "| --- | --- | --- | --- | --- | --- | --- |"
    )
    steps, processor = _medians(found["steps"]), _medians(found["processor"])
    for name, seconds in steps.items():
        raw = RAW_ANEW if name.endswith("new connections") else RAW
        goal = f"{GOALS[name]}" if name in GOALS else ""
        row = [name, f"{seconds:.2f}", f"{seconds / size:.3f}", f"{seconds / steps[raw]:.2f}", goal]
        if name in processor:
            row += [f"{processor[name]:.2f} s", f"{processor[name] / processor[raw]:.2f}"]
        print("| " + " | ".join([*row, "", ""][:7]) + " |")
    print(f"\nCPU of the host guard: {_listed(found['guard'], 'ms')}")
    print(f"Memory of the control node: {_listed(found['memory'], 'MB')}", flush=True)


def _medians(rounds: Sequence[Steps]) -> Steps:
    return {name: median(each[name] for each in rounds) for name in rounds[0]}


def _listed(found: Sequence[Steps], unit: str) -> str:
    return ", ".join(f"{name} {value:.0f} {unit}" for name, value in found[0].items())


if __name__ == "__main__":
    typer.run(main)
