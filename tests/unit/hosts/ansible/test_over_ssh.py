"""Playbooks over a real SSH server."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path

import pytest

from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.inventory.reader import read_inventory
from tests.unit.hosts import relay
from tests.unit.hosts.ansible.playbooks import WritePlaybook, by_ssh
from tests.unit.hosts.ssh_server import SshServer
from tests.waiting import wait_until


def test_over_ssh_and_the_connection_is_shared_until_close(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook
) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    with AnsibleChannel(by_ssh(server, tmp_path)) as channel:
        assert channel.run(name, ["broker"]).per_host["broker"].state == "ok"
        assert channel.run(name, ["broker"]).per_host["broker"].state == "ok"
        assert len(server._transports) == 1
        fresh = channel.run(name, ["broker"], fresh_connections=True)
        assert fresh.per_host["broker"].state == "ok"
        assert len(server._transports) == 2
    wait_until(lambda: not server._transports[0].is_active(), "the connection ends")


def test_hosts_of_one_private_address_keep_connections_of_their_own(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook
) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    (tmp_path / "elsewhere").mkdir()
    other = SshServer(tmp_path / "elsewhere")
    lines = []
    for host, reached in (("here", server), ("there", other)):
        # as `sudo ip netns exec` does, it drops the variables by which left processes are ended
        bastion = f"env -i {sys.executable} {relay.__file__} 127.0.0.1 {reached.port}"
        arguments = (
            f"-F none -o UserKnownHostsFile={reached.known_hosts} -o StrictHostKeyChecking=yes "
            f'-o HostKeyAlias=[127.0.0.1]:{reached.port} -o "ProxyCommand={bastion}"'
        )
        lines.append(
            f"{host} ansible_host=192.0.2.5 ansible_user=ops "
            f"ansible_ssh_private_key_file={reached.client_key_file} "
            f"ansible_ssh_common_args='{arguments}'\n"
        )
    source = tmp_path / "sites.ini"
    source.write_text("".join(lines), encoding="utf-8")
    try:
        with AnsibleChannel(read_inventory(source)) as channel:
            for _ in range(2):
                outcome = channel.run(name, ["here", "there"])
                assert {each.state for each in outcome.per_host.values()} == {"ok"}
        assert (len(server.commands), len(other.commands)) == (2, 2)
        assert (len(server._transports), len(other._transports)) == (1, 1)
    finally:
        other.close()


@pytest.mark.parametrize("redirected", ["", ">&2"])
def test_a_host_that_floods_costs_little_and_keeps_nobody_waiting(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook, redirected: str
) -> None:
    name = playbook("    - name: Ask\n      ansible.builtin.raw: '{{ command }}'\n")
    source = by_ssh(server, tmp_path).source
    hosts = source.read_text(encoding="utf-8")
    flood = hosts.replace("broker", "flood").replace("\n", f" command='yes {redirected}'\n")
    source.write_text(hosts.replace("\n", " command=id\n") + flood, encoding="utf-8")
    inventory = read_inventory(source)
    tracemalloc.start()
    try:
        with AnsibleChannel(inventory) as channel:
            outcome = channel.run(name, ["flood", "broker"], timeout=300)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not outcome.timed_out
    assert outcome.per_host["broker"].state == "ok"
    assert outcome.per_host["flood"].state == "failed"
    assert "says more than 128 KiB" in outcome.per_host["flood"].message
    assert peak < 10 * 1024**2


def test_a_closed_port_is_unreachable_in_one_sentence(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook
) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    inventory = by_ssh(server, tmp_path)
    server.close()
    with AnsibleChannel(inventory) as channel:
        outcome = channel.run(name, ["broker"]).per_host["broker"]
    assert outcome.state == "unreachable"
    assert "Connection refused" in outcome.message
    assert "\n" not in outcome.message
