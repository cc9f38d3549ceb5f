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
from pathlib import Path

from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ansible import AnsibleHand
from chaos_runner.hosts.inventory_reader import read_inventory
from chaos_runner.lab.namespace import enter
from chaos_runner.run.identity import new_run_identity
from chaos_runner.run.rollback import roll_back

ROUNDS = 5
INVENTORY = Path(__file__).resolve().parents[1] / "inventories" / "lab"
UNUSED_PORT = 9


def inject(ansible: AnsibleHand, hosts: list[str], run: str, fault: str) -> None:
    """Put a fault on every host that nothing notices."""
    variables = {
        "chaos_kind": "network_partition",
        "chaos_run": run,
        "chaos_fault": fault,
        "chaos_lease": 120,
        "chaos_cap": 300,
        "chaos_install_guard": True,
        "network_partition_ports": [UNUSED_PORT],
    }
    outcome = ansible.run("inject.yml", hosts, variables, timeout=180)
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


def roll_back_seconds(ansible: AnsibleHand, inventory: Inventory, run: str) -> float:
    """Return how long it takes until every host has said that it is clean."""
    hosts = list(inventory.hosts)
    which = WhichFaults.of_run(run)
    started = time.monotonic()
    results = roll_back(inventory, hosts, which, ansible, None, 60.0, lambda reverted: None)
    seconds = time.monotonic() - started
    if any(result.state != "clean" for result in results.values()):
        sys.exit(f"not clean: {results}")
    return seconds


def main() -> None:
    """Print medians and their ratio."""
    inventory = read_inventory(INVENTORY)
    if inventory.network_namespace is None:
        sys.exit("this needs the lab: chaos-runner lab up")
    enter(inventory.network_namespace)
    raw: list[float] = []
    back: list[float] = []
    with AnsibleHand(inventory) as ansible:
        for _ in range(ROUNDS):
            identity = new_run_identity()
            inject(ansible, list(inventory.hosts), identity.run, identity.fault(0))
            raw.append(raw_seconds(inventory))
            back.append(roll_back_seconds(ansible, inventory, identity.run))
    _print_row("ansible all -m raw -a true", raw)
    _print_row(f"roll-back of {len(inventory.hosts)} hosts", back)
    print(f"{'ratio':28} {statistics.median(back) / statistics.median(raw):.2f}")


def _print_row(name: str, seconds: list[float]) -> None:
    rounds = " ".join(f"{each:.1f}" for each in seconds)
    print(f"{name:28} {statistics.median(seconds):.1f} s  (rounds: {rounds})")


if __name__ == "__main__":
    main()
