"""Both channels go where plain Ansible goes: `ssh -G` judges what Ansible itself calls ssh with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.hosts.ssh.route import question
from tests.asking import question as guard_question

INVENTORY = r"""
first  ansible_user=ops ansible_port=2222 ansible_ssh_args='-o User=first -o Port=2200'
common ansible_user=ops ansible_ssh_common_args='-l late -p 2201 -o HostName=192.0.2.9'
jump   at=bastion ansible_ssh_args='-o ProxyJump=one' ansible_ssh_common_args='-o ProxyJump=two'
extra  ansible_ssh_extra_args='-F {config} -o ProxyJump=three' ansible_ssh_common_args='-J two'
last   ansible_ssh_extra_args='-F {config} -l extra' ansible_ssh_common_args='-l common'
port22 ansible_ssh_port=22
key    ansible_ssh_args='-i /first' ansible_private_key_file=/own ansible_ssh_common_args='-i /c'
quoted ansible_ssh_args='-o "User two"' ansible_ssh_common_args='-o "IdentityFile \"/a b\""'
bare
omits  ansible_user='{{{{ no | default(omit) }}}}' ansible_port='{{{{ no | default(omit) }}}}'
others ansible_ssh_common_args='-J {{{{ hostvars.first.ansible_user }}}}@{{{{ hostvars.jump.at }}}}'
empty  ansible_ssh_extra_args=''
[all:vars]
ansible_host={{{{ inventory_hostname }}}}.test
ansible_ssh_executable={ssh}
"""
CONFIG = "Host *\n Port 2300\n User configured\n ProxyJump configured\n IdentityFile /configured\n"
SSH = """#!/bin/sh
for host; do case $host in *.test) break ;; esac; done
case $host in *.test) ;; *) exec ssh "$@" ;; esac # a question to ssh itself, about no host
for word; do [ "$word" != "$host" ] || break; printf '%s\\n' "$word"; done >"{log}/$host"
exit 255
"""
LOOKED_AT = ("hostname", "user", "port", "identityfile", "proxyjump")


def judged(words: Sequence[str]) -> list[str]:
    """Return what ssh makes of its arguments for a host."""
    command = ["ssh", "-G", *words, "any.test"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sorted(line for line in said.splitlines() if line.split(" ")[0] in LOOKED_AT)


@pytest.fixture
def inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write an inventory whose ssh notes its arguments, beside an ssh configuration."""
    (tmp_path / "log").mkdir()
    ssh = tmp_path / "ssh"
    ssh.write_text(SSH.format(log=tmp_path / "log"), encoding="utf-8")
    ssh.chmod(0o755)
    config = tmp_path / "config"
    config.write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("ANSIBLE_SSH_EXTRA_ARGS", f"-F {config}")
    hosts = tmp_path / "hosts.ini"
    hosts.write_text(INVENTORY.format(ssh=ssh, config=config), encoding="utf-8")
    return hosts


def called_with(directory: Path) -> dict[str, list[str]]:
    """Return what ssh makes of the arguments that it was called with for each host."""
    calls = {
        call.stem: call.read_text(encoding="utf-8").splitlines()
        for call in (directory / "log").iterdir()
    }
    return {host: judged(words) for host, words in calls.items()}


def test_every_host_is_reached_as_plain_ansible_does(inventory: Path) -> None:
    program = str(Path(sys.executable).with_name("ansible"))
    subprocess.run(
        [program, "-i", str(inventory), "all", "-m", "ansible.builtin.raw", "-a", "true"],
        capture_output=True,
        check=False,
        env={**os.environ, "ANSIBLE_HOST_KEY_CHECKING": "True"},
    )
    plain = called_with(inventory.parent)
    assert len(plain) == 12
    assert plain["first"] != plain["bare"]
    assert "proxyjump ops@bastion" in plain["others"]
    read = read_inventory(inventory)
    asked = {name: question(host) for name, host in read.hosts.items()}
    assert {name: judged(words[2 : words.index("--")]) for name, words in asked.items()} == plain
    with AnsibleChannel(read, inventory.parent) as hand:
        hand.run("audit.yml", list(read.hosts), **guard_question("audit"))
    assert called_with(inventory.parent) == plain
