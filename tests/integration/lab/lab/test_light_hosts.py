"""Light hosts, a few namespaces each, in a lab of their own beside whatever else runs here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.lab.layout import LabPlace
from chaos_runner.lab.lifecycle import lab
from chaos_runner.lab.machines import machines
from chaos_runner.lab.spec import HostSpec, LabSpec
from tests.integration.conftest import LAB_INVENTORY, REPOSITORY, chaos_runner
from tests.integration.lab.lab.conftest import ignore
from tests.integration.lab.lab.leftovers import leftovers
from tests.waiting import PATIENCE

NAME = "light-lab-of-tests"
PARTITION = """\
- name: Cut hosts from another
  hosts: host-1,host-2,host-3
  gather_facts: false
  tasks:
    - name: Put the fault on
      ansible.builtin.import_role:
        name: network_partition
      vars:
        host_guard_run: scale
        host_guard_fault: scale-0
        host_guard_lease: 300
        host_guard_cap: 600
        network_partition_peers: [198.18.0.14]
"""
EXPERIMENT = """\
title: Hosts of a fleet are cut from another, and one is switched off
max_unreachable: 40%
lease: 60s
allow: {unknown_blast_radius: true}
kafka: {bootstrap_servers: "198.18.0.14:9092"}
faults:
  - network_partition: {peers: [198.18.0.14]}
    targets: {hosts: "host-1:host-2:host-3"}
    duration: 5s
"""


@pytest.fixture
def fleet() -> Iterator[None]:
    """Give a lab of four light hosts; it is gone afterwards, and nothing is left of it."""
    hosts = (HostSpec(name="host", backend="light", count=4),)
    lab.down(NAME, ignore)
    lab.up(LabSpec(name=NAME, kafka=False, hosts=hosts), ignore)
    yield
    lab.down(NAME, ignore)
    assert leftovers(NAME) == []


def on(host: str, command: str) -> subprocess.CompletedProcess[str]:
    return in_lab("ssh", "--name", NAME, host, "--", command)


def in_lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chaos_runner", "lab", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env={**os.environ, "CHAOS_LAB": NAME, "ANSIBLE_ROLES_PATH": str(REPOSITORY / "roles")},
    )


def reaches_the_last(host: str) -> bool:
    return on(host, "ping -c 1 -W 2 198.18.0.14").returncode == 0


@pytest.mark.whole  # the next runs the same fault, and leaves a host out
@pytest.mark.usefixtures("fleet")
def test_a_partition_through_light_hosts_is_on_each_and_taken_back(tmp_path: Path) -> None:
    place = LabPlace(NAME).host("host-2", 2)
    done = on("host-2", "hostname; sudo cat /proc/1/comm; sudo touch /etc/mine; ls /proc/sys/net")
    assert done.stdout.startswith("host-2\nsshd\n"), done
    assert (place.upper / "etc/mine").exists()
    assert on("host-3", "ls /etc/mine").returncode != 0
    assert on("host-3", "sudo sysctl -w vm.swappiness=1; sudo date -s 1999-01-01").returncode != 0
    playbook = tmp_path / "partition.yml"
    playbook.write_text(PARTITION)
    cut = in_lab("exec", "--", "ansible-playbook", "-i", str(LAB_INVENTORY), str(playbook))
    assert cut.returncode == 0, cut
    assert [reaches_the_last(f"host-{number}") for number in (1, 2, 3)] == [False] * 3
    assert on("host-1", "ping -c 1 -W 2 host-2").returncode == 0
    recovered = chaos_runner("recover", "--all", "--yes", "-i", LAB_INVENTORY, CHAOS_LAB=NAME)
    assert recovered.code == 0, recovered
    assert all(reaches_the_last(f"host-{number}") for number in (1, 2, 3))
    audited = chaos_runner("audit", "-i", LAB_INVENTORY, CHAOS_LAB=NAME)
    assert audited.code == 0, audited


@pytest.mark.usefixtures("fleet")
def test_a_run_leaves_out_the_host_that_is_switched_off_and_proves_the_others(
    tmp_path: Path,
) -> None:
    host = LabPlace(NAME).host("host-2", 2)
    machines.power_off(host)
    experiment = tmp_path / "fleet.yml"
    experiment.write_text(EXPERIMENT)
    run = [sys.executable, "-m", "tests.integration.crash_matrix.controller", str(experiment)]
    done = subprocess.run(
        [*run, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        cwd=REPOSITORY,
        env={**os.environ, "CHAOS_LAB": NAME, "CHAOS_RUNNER_INVENTORY": str(LAB_INVENTORY)},
    )
    assert done.returncode == 0, done
    (journal,) = tmp_path.glob("*/journal.jsonl")
    events = read_events(journal)
    on = {event["host"] for event in events if event["event"] == "fault_effect" and event["seen"]}
    clean = {event["host"] for event in events if event.get("state") == "clean"}
    assert on == clean == {"host-1", "host-3"}
    assert not [event for event in events if event["event"] == "notice"]


def read_events(journal: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in journal.read_text().splitlines()]
