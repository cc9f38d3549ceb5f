"""`playbook_dir` in connection variables means where the user's playbooks lie, as for `ansible`."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.hosts.ssh.channel import SshChannel
from tests.asking import question
from tests.unit.hosts.ssh_server import SshServer
from tests.waiting import PATIENCE


@pytest.mark.parametrize("named", [False, True])
def test_both_channels_use_the_key_that_lies_there(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, named: bool
) -> None:
    place = tmp_path / "of plays"
    place.mkdir()
    server.client_key_file.rename(place / "key")
    source = tmp_path / "hosts.yml"
    source.write_text(
        "all:\n  vars:\n"
        "    ansible_ssh_private_key_file: '{{ playbook_dir }}/key'\n"
        "  hosts:\n    broker:\n"
        f"      ansible_host: 127.0.0.1\n      ansible_port: {server.port}\n"
        "      ansible_user: ops\n      ansible_become: false\n"
        f"      ansible_ssh_common_args: {server.host().ssh_arguments}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path if named else place)
    if named:
        monkeypatch.setenv("ANSIBLE_PLAYBOOK_DIR", str(place))
    inventory = read_inventory(source)
    assert inventory.hosts["broker"].private_key_file == f"{place}/key"
    with AnsibleChannel(inventory) as ansible, SshChannel(inventory.hosts["broker"]) as ssh:
        asked = ansible.run("preflight.yml", ["broker"], timeout=300, **question("preflight"))
        assert asked.per_host["broker"].state == "ok", asked
        assert ssh.run(["true"], timeout=PATIENCE).rc == 0
