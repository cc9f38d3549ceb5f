"""Time a fleet's roll-back next to the cheapest thing Ansible can do on the same hosts.

In each round every lab host gets a partition of a port that nobody uses; the roll-back takes
it back and proves the host clean.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.fleet.commands import render_fault_script
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.guard import new_token
from chaos_runner.hosts.guard_texts import injecting, installing, raw_command
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.journal.identity import new_run_identity
from chaos_runner.lab.namespace import enter
from chaos_runner.rollback.rollback import Reverted, roll_back

ROUNDS = 5
INVENTORY = Path(__file__).resolve().parents[1] / "inventories" / "lab"
UNUSED_PORT = 9


def inject(ansible: AnsibleChannel, hosts: list[str], run: str, fault: str) -> None:
    """Put a fault on every host that nothing notices."""
    token = new_token()
    command = {"chaos_command": raw_command(installing(token))}
    ansible.run("install.yml", hosts, command, timeout=180, token=token)
    script = render_fault_script("network_partition", {"network_partition_ports": [UNUSED_PORT]})
    kind = ("--kind", "network_partition")
    words = (fault, "--run", run, *kind, "--lease", "120", "--cap", "300")
    command = {"chaos_command": raw_command(injecting(token, script, words))}
    outcome = ansible.run("inject.yml", hosts, command, timeout=180, token=token)
    failed = {name: host.message for name, host in outcome.per_host.items() if host.state != "ok"}
    if failed:
        sys.exit(f"the fault could not be applied: {failed}")


def raw_seconds(inventory: Inventory) -> float:
    """Return how long `ansible all -m raw -a true` takes over new connections."""
    command = ["ansible", "-i", str(inventory.source), "all", "-m", "raw", "-a", "true"]
    options = {"ANSIBLE_SSH_ARGS": "-o ControlMaster=no", "ANSIBLE_HOST_KEY_CHECKING": "True"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    started = time.monotonic()
    subprocess.run(
        command, check=True, capture_output=True, env={**os.environ, **options, "PATH": path}
    )
    return time.monotonic() - started


@dataclass
class RollBack:
    """Time one roll-back: when the first and the last host had proved it, and when it returned."""

    first: float = 0.0
    last: float = 0.0
    returned: float = 0.0


def roll_back_fleet(ansible: AnsibleChannel, inventory: Inventory, run: str) -> RollBack:
    """Roll back as a run does: over connections opened before, and over new ones beside them."""
    hosts = list(inventory.hosts)
    proved: dict[str, float] = {}

    def note(reverted: Reverted) -> None:
        proved.setdefault(reverted.host, time.monotonic() - started)

    with FleetRescue(list(inventory.hosts.values())) as spare:
        spare.open()
        started = time.monotonic()
        results = roll_back(
            inventory,
            hosts,
            WhichFaults.of_run(run),
            ansible,
            spare,
            60.0,
            note,
        )
        returned = time.monotonic() - started
    if any(result.state != "clean" for result in results.values()):
        sys.exit(f"not clean: {results}")
    return RollBack(min(proved.values()), max(proved.values()), returned)


def main() -> None:
    """Print medians and their ratios."""
    inventory = read_inventory(INVENTORY)
    if inventory.network_namespace is None:
        sys.exit("this needs the lab: chaos-runner lab up")
    enter(inventory.network_namespace)
    raw: list[float] = []
    back: list[RollBack] = []
    with AnsibleChannel(inventory) as ansible:
        for _ in range(ROUNDS):
            identity = new_run_identity()
            inject(ansible, list(inventory.hosts), identity.run, identity.fault(0))
            raw.append(raw_seconds(inventory))
            back.append(roll_back_fleet(ansible, inventory, identity.run))
    count = len(inventory.hosts)
    _print_row("ansible all -m raw -a true", raw)
    _print_row("first host proved clean", [each.first for each in back], raw)
    _print_row(f"all {count} hosts proved clean", [each.last for each in back], raw)
    _print_row("both channels are back", [each.returned for each in back], raw)


def _print_row(name: str, seconds: list[float], raw: list[float] | None = None) -> None:
    rounds = " ".join(f"{each:.1f}" for each in seconds)
    ratio = f"  ratio {statistics.median(seconds) / statistics.median(raw):.2f}" if raw else ""
    print(f"{name:28} {statistics.median(seconds):.1f} s  (rounds: {rounds}){ratio}")


if __name__ == "__main__":
    main()
