"""Both channels on the lab's real hosts. Everything here reads, or touches only its own files."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.faults.capabilities import PYTHON, SYSTEMD
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer, RevertAnswer
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.inventory.reader import read_inventory, resolve_pattern
from chaos_runner.hosts.ssh.channel import HostKeyRejectedError, HostUnreachableError, SshChannel
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.lab.namespace import enter
from tests.asking import question
from tests.waiting import PATIENCE

NOBODY = "198.18.0.250"
UNKNOWN_RUN = "20200101-000000-aaaaaaaa"
NEW_NETWORK_NAMESPACE = 0x40000000


@pytest.fixture
def fleet(lab: Path) -> Iterator[Inventory]:
    """Read the lab's inventory, and be inside its network for the length of a test."""
    inventory = read_inventory(lab)
    assert inventory.network_namespace is not None
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    enter(inventory.network_namespace)
    yield inventory
    assert ctypes.CDLL(None).setns(home, NEW_NETWORK_NAMESPACE) == 0
    os.close(home)


def first(fleet: Inventory) -> str:
    return next(iter(fleet.hosts))


def with_other_known_hosts(fleet: Inventory, tmp_path: Path, text: str) -> Inventory:
    """Return the fleet as seen by somebody whose known_hosts says something else."""
    known = tmp_path / "known_hosts"
    known.write_text(text, encoding="utf-8")
    host = fleet.hosts[first(fleet)]
    arguments = f"-o UserKnownHostsFile={known} -o StrictHostKeyChecking=yes"
    source = tmp_path / "hosts.ini"
    source.write_text(
        f"{host.name} ansible_host={host.address} ansible_user={host.user} "
        f"ansible_ssh_private_key_file={host.private_key_file} "
        f"ansible_ssh_common_args='{arguments}'\n",
        encoding="utf-8",
    )
    return Inventory(source, {host.name: replace(host, ssh_arguments=arguments)}, {})


@pytest.fixture
def own_playbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("playbooks", "roles"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(
        "chaos_runner.hosts.ansible.playbook_layout.content_directory", lambda name: tmp_path / name
    )
    return tmp_path / "playbooks" / "own.yml"


def test_the_lab_is_an_inventory_with_patterns(fleet: Inventory, lab: Path) -> None:
    brokers = fleet.group("kafka_broker")
    assert len(brokers) >= 4
    assert resolve_pattern(lab, "kafka_broker:!kafka_controller") == tuple(
        name for name in brokers if name not in fleet.group("kafka_controller")
    )


def test_both_hands_see_the_same_hosts(fleet: Inventory) -> None:
    with AnsibleChannel(fleet) as ansible, FleetRescue(list(fleet.hosts.values())) as rescue:
        asked = ansible.run(
            "preflight.yml", list(fleet.hosts), timeout=PATIENCE, **question("preflight")
        )
        by_ansible = asked.per_host
        by_rescue = rescue.preflight()
    for name, outcome in by_ansible.items():
        assert outcome.state == "ok", outcome.message
        facts, other = outcome.answer(PreflightFacts), by_rescue[name]
        assert facts is not None
        assert isinstance(other, PreflightFacts), other
        assert facts.ok and facts.root and facts.has(SYSTEMD) and facts.has(PYTHON)
        assert facts.controller == other.controller != ""
        assert (facts.hostname, facts.boot_id) == (other.hostname, other.boot_id)
        assert (facts.capabilities, facts.device) == (other.capabilities, other.device)


def test_rescue_answers_are_typed(fleet: Inventory) -> None:
    with FleetRescue(list(fleet.hosts.values())) as rescue:
        assert rescue.open() == {}
        assert all(isinstance(answer, AuditAnswer) for answer in rescue.audit().values())
        reverted = rescue.revert(WhichFaults.of_run(UNKNOWN_RUN))
        renewed = rescue.renew(UNKNOWN_RUN, 30)
    for name in fleet.hosts:
        clean = reverted[name]
        assert isinstance(clean, RevertAnswer), clean
        assert (clean.ok, clean.state, clean.faults) == (True, "clean", ())
        refused = renewed[name]
        if isinstance(refused, RenewAnswer):
            assert not refused.ok
        else:
            assert refused.hint == "the guard is not installed there", refused.message


def test_a_host_that_is_not_there_does_not_hold_the_others(
    fleet: Inventory, tmp_path: Path
) -> None:
    host = fleet.hosts[first(fleet)]
    source = tmp_path / "hosts.ini"
    source.write_text(
        f"there ansible_host={host.address}\nabsent ansible_host={NOBODY}\n[all:vars]\n"
        f"ansible_user={host.user}\nansible_ssh_private_key_file={host.private_key_file}\n"
        f"ansible_become=true\nansible_ssh_common_args='{host.ssh_arguments}'\n",
        encoding="utf-8",
    )
    inventory = read_inventory(source)
    with AnsibleChannel(inventory) as ansible:
        outcome = ansible.run(
            "rollback.yml", ["there", "absent"], **question("revert", "--run", UNKNOWN_RUN)
        )
    assert outcome.per_host["there"].state == "ok"
    assert outcome.per_host["absent"].state == "unreachable"
    with FleetRescue(list(inventory.hosts.values())) as rescue:
        answers = rescue.revert(WhichFaults.of_run(UNKNOWN_RUN))
    assert isinstance(answers["there"], RevertAnswer)
    assert isinstance(answers["absent"], HostUnreachableError)


@pytest.mark.parametrize("known", ["another", "none"])
def test_both_hands_refuse_a_host_with_the_wrong_key(
    fleet: Inventory, tmp_path: Path, known: str
) -> None:
    host = fleet.hosts[first(fleet)]
    line = Path(str(host.private_key_file) + ".pub").read_text(encoding="utf-8").split()
    text = f"{host.address} {line[0]} {line[1]}\n" if known == "another" else ""
    inventory = with_other_known_hosts(fleet, tmp_path, text)
    with AnsibleChannel(inventory) as ansible:
        asked = ansible.run("preflight.yml", [host.name], **question("preflight"))
        outcome = asked.per_host[host.name]
    assert outcome.state == "unreachable"
    assert "known" in outcome.message and "key" in outcome.message
    with pytest.raises(HostKeyRejectedError):
        SshChannel(inventory.hosts[host.name]).connect()


def test_after_a_cancel_no_further_step_begins_on_the_host(
    fleet: Inventory, own_playbook: Path
) -> None:
    name = first(fleet)
    place = f"/var/lib/cancelled-{os.getpid()}"
    own_playbook.write_text(
        "- name: Cancelled\n  hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - name: Wait\n      ansible.builtin.raw:"
        f" mkdir {place}; until [ -e {place}/go ]; do sleep 0.2; done\n"
        f"    - name: Later\n      ansible.builtin.raw: touch {place}/late\n",
        encoding="utf-8",
    )
    with SshChannel(fleet.hosts[name]) as channel, AnsibleChannel(fleet) as ansible:
        outcome = ansible.run(
            "own.yml", [name], cancelled=lambda: channel.run(["test", "-d", place]).rc == 0
        )
        assert outcome.cancelled
        assert outcome.per_host[name].state == "missing"
        channel.run(["touch", f"{place}/go"])
        time.sleep(5)  # in which a playbook that went on would begin its next step
        assert channel.run(["rm", f"{place}/late"]).rc == 1, "the step after the cancelled one ran"
        channel.run(["rm", "-r", place])
