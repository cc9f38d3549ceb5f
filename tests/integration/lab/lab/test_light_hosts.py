"""Light hosts, a few namespaces each, in a lab of their own beside whatever else runs here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.lab.layout import LabPlace
from chaos_runner.lab.lifecycle import lab
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
