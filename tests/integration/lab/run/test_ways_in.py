"""Faults on hosts that are not as usual: behind a jump host, or without nft."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultEffect, HostChecked, HostVerified, LeaseRenewed
from chaos_runner.lab.layout import STATE
from tests.integration.conftest import LAB_INVENTORY, LAB_NAME, chaos_runner
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_three_faults import experiment_file

JUMP_HOST, HOST = "kafka-1", "kafka-2"
NFT = "/usr/sbin/nft"
LEASE = "lease: 9s\n"
"""Renewed at least once more within the eight seconds of the fault."""


@pytest.fixture
def behind_a_jump_host(clean_hosts: Path, tmp_path: Path) -> Path:
    """Return the lab's inventory with one host that is reached through another."""
    inventory = tmp_path / "inventory"
    shutil.copytree(LAB_INVENTORY, inventory)
    keys = STATE / LAB_NAME / "ssh"
    trust = f"-o UserKnownHostsFile={keys}/known_hosts -o StrictHostKeyChecking=yes"
    address = chaos_runner("lab", "ssh", JUMP_HOST, "--", "hostname -I").stdout.split()[0]
    jump = f"ssh -i {keys}/id_ed25519 {trust} -W %h:%p ops@{address}"
    variables = inventory / "host_vars" / f"{HOST}.yml"
    variables.parent.mkdir()
    variables.write_text(f"ansible_ssh_common_args: >-\n  {trust} -o ProxyCommand='{jump}'\n")
    return inventory


def test_a_host_behind_a_jump_host_hears_the_controller_while_everything_is_cut(
    behind_a_jump_host: Path, tmp_path: Path, on_host: Callable[..., str]
) -> None:
    file = experiment_file(tmp_path, "network_partition: {}", extra=LEASE)
    done = chaos_runner("run", file, "-i", behind_a_jump_host, "--runs", tmp_path, "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    journal = str(done.json["journal"])
    (checked,) = events_of(journal, HostChecked)
    assert checked.facts.controller in on_host(JUMP_HOST, "hostname -I").split()
    assert [effect.seen for effect in events_of(journal, FaultEffect)] == [True]
    assert len(events_of(journal, LeaseRenewed)) >= 2
    assert [event.state for event in events_of(journal, HostVerified)] == ["clean"]


@pytest.fixture
def without_nft(clean_hosts: Path, on_host: Callable[..., str]) -> Iterator[Path]:
    """Return the inventory while one host has no nft, as older systems have none."""
    on_host(HOST, f"sudo mv {NFT} {NFT}.away")
    yield clean_hosts
    on_host(HOST, f"sudo mv {NFT}.away {NFT}")
    # What iptables has made, empty, and cannot remove itself.
    on_host(HOST, "sudo nft 'delete table ip filter; delete table ip6 filter'")


@pytest.mark.whole  # tests/integration/sandbox/network has iptables on hosts of its own
def test_a_host_without_nft_is_cut_off_by_iptables(
    without_nft: Path, tmp_path: Path, on_host: Callable[..., str]
) -> None:
    before = on_host(HOST, "sudo iptables-save; sudo ip6tables-save; sudo ipset list -n")
    file = experiment_file(tmp_path, "network_partition: {}", extra=LEASE)
    done = chaos_runner("run", file, "-i", without_nft, "--runs", tmp_path, "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    journal = str(done.json["journal"])
    (effect,) = events_of(journal, FaultEffect)
    assert effect.seen, effect.readings
    assert [event.state for event in events_of(journal, HostVerified)] == ["clean"]
    after = on_host(HOST, "sudo iptables-save; sudo ip6tables-save; sudo ipset list -n")
    assert _rules(after) == _rules(before)


def _rules(saved: str) -> list[str]:
    """Return rules, chains of somebody's own, and sets; iptables makes empty tables by looking."""
    return [line for line in saved.splitlines() if line[0] not in "#*:C" or " - [" in line]
