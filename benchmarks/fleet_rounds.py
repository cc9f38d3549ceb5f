"""The steps of a run over a fleet of a lab, each timed, next to Ansible's own `raw`."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.commands import render_fault_script
from chaos_runner.fleet.guard_answers.answer import Answer
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ansible.channel import MOST_FORKS, AnsibleChannel
from chaos_runner.hosts.ansible.fleet_channel import AnsibleFleet
from chaos_runner.hosts.guard import GUARD_PATH, new_token
from chaos_runner.hosts.guard_texts import injecting, installing, raw_command
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.hosts.ssh.channel import SshChannel
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.journal.identity import new_run_identity
from chaos_runner.lab.layout import CONTROLLER_ADDRESSES
from chaos_runner.lab.namespace import enter
from chaos_runner.operations.fleet import FleetSession, ask_over_ssh, gather_facts
from chaos_runner.rollback.rollback import Reverted, roll_back
from chaos_runner.rollback.verification import audit_hosts, verify_hosts

INVENTORY = Path(__file__).resolve().parents[1] / "inventories" / "lab"
UNUSED_PORT = 9
"""Of the control node, from which the hosts are cut there."""
PATIENCE = 60.0
VERBS = ("audit", "preflight", "identify", "renew no-such-run 60", "revert --all")
"""Verbs of the host guard on a host without a fault, as words."""
CPU_ROUNDS = 7

Steps = dict[str, float]
"""Seconds of each step of a round."""


@dataclass
class Fleet:
    """A lab's fleet: its session, and the times of the round that goes on."""

    session: FleetSession
    controls: Path
    """Where `ansible` keeps its connections, for the rounds over connections that are open."""
    steps: Steps = field(default_factory=dict)
    processor: Steps = field(default_factory=dict)
    """Seconds of CPU that this process and those it waited for took, of each step."""

    @property
    def hosts(self) -> list[str]:
        """Return the names of all hosts."""
        return list(self.session.inventory.hosts)

    def connections(self) -> FleetRescue:
        """Return the SSH channel to all hosts, not connected yet."""
        return FleetRescue(list(self.session.inventory.hosts.values()))

    def install_guard(self) -> None:
        """Have every host guard installed."""
        token = new_token()
        command = {"chaos_command": raw_command(installing(token))}
        ansible = self.session.ansible
        outcome = ansible.run("install.yml", self.hosts, command, timeout=900, token=token)
        if any(each.state != "ok" for each in outcome.per_host.values()):
            sys.exit(f"the host guard could not be installed: {outcome}")

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Take the time of a step of the round."""
        started, used = time.monotonic(), _cpu_of_control_node()
        yield
        self.steps[step] = time.monotonic() - started
        self.processor[step] = _cpu_of_control_node() - used

    def raw(self, *, new_connections: bool) -> None:
        """Run `ansible all -m raw -a true`."""
        command = ["ansible", "-i", str(INVENTORY), "all", "-m", "raw", "-a", "true"]
        # One that makes no master would use that of the round before.
        options = "-C -o ControlMaster=auto -o ControlPersist=600"
        if new_connections:
            options = "-C -o ControlMaster=no -o ControlPath=none"
        environment = {
            **os.environ,
            "ANSIBLE_SSH_ARGS": options,
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.controls),
            "ANSIBLE_FORKS": str(MOST_FORKS),
            "ANSIBLE_HOST_KEY_CHECKING": "True",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        subprocess.run(command, check=True, capture_output=True, env=environment)


@contextmanager
def open_fleet() -> Iterator[Fleet]:
    """Enter the network of the lab that `CHAOS_LAB` names, and open its fleet."""
    inventory = read_inventory(INVENTORY)
    if inventory.network_namespace is None:
        sys.exit("this needs a lab")
    enter(inventory.network_namespace)
    with (
        tempfile.TemporaryDirectory(prefix="fleet-") as controls,
        AnsibleChannel(inventory) as ansible,
    ):
        fleet = Fleet(FleetSession(inventory, ansible), Path(controls))
        try:
            yield fleet
        finally:
            for socket in Path(controls).glob("*"):
                command = ["ssh", "-O", "exit", "-o", f"ControlPath={socket}", "unused"]
                subprocess.run(command, capture_output=True, check=False)


def measure_round(fleet: Fleet) -> tuple[Steps, Steps]:
    """Take the time and the CPU of each step, from a preflight to a recovery with nothing to do."""
    fleet.steps, fleet.processor = {}, {}
    session, hosts = fleet.session, fleet.hosts
    session.ansible.close()
    with fleet.timed("raw, new connections"):
        fleet.raw(new_connections=True)
    fleet.raw(new_connections=False)  # which opens those of the next one
    with fleet.timed("raw"):
        fleet.raw(new_connections=False)
    with fleet.timed("preflight, new connections"):
        facts, silent = gather_facts(session, hosts)
    _all_well("preflight", hosts, facts, silent)
    with fleet.timed("preflight"):
        gather_facts(session, hosts)
    with fleet.timed("preflight of the SSH channel, new connections"):
        ask_over_ssh(session, hosts)
    identity = new_run_identity()
    with fleet.connections() as leases, fleet.connections() as spare:
        with fleet.timed("open both fleets of connections"):
            leases.open()
            spare.open()
        with fleet.timed("inject"):
            _inject(session.ansible, hosts, identity.run, identity.fault(0))
        with fleet.timed("renew"):
            renewed = leases.renew(identity.run, 600)
        _all_well("renew", hosts, renewed)
        results = _roll_back(fleet, spare, WhichFaults.of_run(identity.run))
        with fleet.timed("verify"):
            verified = verify_hosts(session.inventory, results, session.ansible, spare)
        dirty = {host: each for host, each in verified.items() if each.state != "clean"}
        if dirty:
            sys.exit(f"not clean: {dirty}")
        spare.forget(identity.run)
    with fleet.timed("audit by Ansible"):
        audited = AnsibleFleet(session.ansible, hosts).audit()
    _all_well("audit", hosts, audited)
    with fleet.timed("audit, new connections"):
        looked_at = audit_hosts(session.inventory, hosts, session.ansible, None)
    _all_well("audit", hosts, looked_at)
    with fleet.timed("recover, new connections"):
        _recover(fleet)
    return fleet.steps, fleet.processor


def _cpu_of_control_node() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _recover(fleet: Fleet) -> None:
    session = fleet.session
    everything = WhichFaults.every()
    with fleet.connections() as fresh:
        back = roll_back(
            session.inventory, fleet.hosts, everything, session.ansible, fresh, PATIENCE, _ignore
        )
    verify_hosts(session.inventory, back, session.ansible)


def _roll_back(fleet: Fleet, spare: FleetRescue, which: WhichFaults) -> dict[str, Reverted]:
    proved: dict[str, float] = {}
    started = time.monotonic()

    def note(reverted: Reverted) -> None:
        proved.setdefault(reverted.host, time.monotonic() - started)

    session = fleet.session
    with fleet.timed("roll back"):
        results = roll_back(
            session.inventory, fleet.hosts, which, session.ansible, spare, PATIENCE, note
        )
    fleet.steps["first host rolled back"] = min(proved.values())
    fleet.steps["last host rolled back"] = max(proved.values())
    return results


def _inject(ansible: AnsibleChannel, hosts: Sequence[str], run: str, fault: str) -> None:
    token = new_token()
    options = {
        "network_partition_peers": [CONTROLLER_ADDRESSES[0]],
        "network_partition_ports": [UNUSED_PORT],
    }
    script = render_fault_script("network_partition", options)
    kind = ("--kind", "network_partition")
    words = (fault, "--run", run, *kind, "--lease", "600", "--cap", "900")
    command = {"chaos_command": raw_command(injecting(token, script, words))}
    outcome = ansible.run("inject.yml", hosts, command, timeout=900, token=token)
    failed = {name: host.message for name, host in outcome.per_host.items() if host.state != "ok"}
    if failed:
        sys.exit(f"the fault could not be put on: {failed}")


def _all_well(
    step: str,
    hosts: Sequence[str],
    replies: Mapping[str, Answer | ChaosRunnerError | str],
    silent: Mapping[str, str] | None = None,
) -> None:
    well = [host for host in hosts if isinstance(each := replies.get(host), Answer) and each.ok]
    if len(well) < len(hosts):
        worst = next(host for host in hosts if host not in well)
        sys.exit(f"{step}: {len(well)} of {len(hosts)}; {worst}: {replies.get(worst)} {silent}")


def _ignore(reverted: Reverted) -> None:
    del reverted


def megabytes() -> Steps:
    """Return how much memory this process and its largest child have had, in megabytes."""
    return {
        "this process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "its largest child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def guard_cpu(fleet: Fleet) -> Steps:
    """Return the milliseconds of CPU that each verb of the host guard takes on one host."""
    host = next(iter(fleet.session.inventory.hosts.values()))
    with SshChannel(host) as hand:
        return {verb: median(_cpu(hand, verb) for _ in range(CPU_ROUNDS)) for verb in VERBS}


def _cpu(hand: SshChannel, verb: str) -> float:
    script = f"TIMEFORMAT='%U %S'; time sh {GUARD_PATH} {verb} >/dev/null 2>&1"
    user, system = hand.run(["bash", "-c", script]).stderr.split()
    return 1000 * (float(user) + float(system))
