"""Ansible never reaches a host whose key is not known, whatever the user's settings say."""

from __future__ import annotations

from pathlib import Path

import paramiko
import pytest

from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.inventory.reader import read_inventory
from tests.unit.hosts.ansible.playbooks import WritePlaybook, by_ssh
from tests.unit.hosts.ssh_server import SshServer


def test_host_keys_are_checked(server: SshServer, tmp_path: Path, playbook: WritePlaybook) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    server.know(paramiko.ECDSAKey.generate())
    with AnsibleChannel(by_ssh(server, tmp_path)) as channel:
        other = channel.run(name, ["broker"]).per_host["broker"]
        server.known_hosts.write_text("", encoding="utf-8")
        unknown = channel.run(name, ["broker"]).per_host["broker"]
    assert (other.state, unknown.state) == ("unreachable", "unreachable")
    assert other.message.startswith("the host shows another SSH key than the known one")
    assert unknown.message.startswith("the host's SSH key is not known")
    assert server.commands == []


@pytest.mark.parametrize(
    ("place", "option"),
    [
        ("ANSIBLE_SSH_ARGS", "no"),
        ("ANSIBLE_SSH_COMMON_ARGS", "off"),
        ("ANSIBLE_SSH_EXTRA_ARGS", "no"),
        ("ansible_ssh_args", "accept-new"),
        ("ansible_ssh_extra_args", "no"),
    ],
)
def test_no_argument_of_ssh_switches_the_check_of_host_keys_off(
    server: SshServer,
    tmp_path: Path,
    playbook: WritePlaybook,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    option: str,
) -> None:
    unchecked = f"-o StrictHostKeyChecking={option} -o NoHostAuthenticationForLocalhost=yes"
    source = by_ssh(server, tmp_path).source
    if place.isupper():
        monkeypatch.setenv(place, unchecked)
    else:
        with source.open("a", encoding="utf-8") as stream:
            stream.write(f"[all:vars]\n{place}='{unchecked}'\n")
    server.know(paramiko.ECDSAKey.generate())
    refused_unless_checked(source, playbook)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("ANSIBLE_HOST_KEY_CHECKING", "False"),
        ("ANSIBLE_SSH_HOST_KEY_CHECKING", "False"),
        ("ansible_host_key_checking", "false"),
        ("ansible_ssh_host_key_checking", "false"),
    ],
)
def test_no_setting_of_ansible_switches_the_check_of_host_keys_off(
    server: SshServer,
    tmp_path: Path,
    playbook: WritePlaybook,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    value: str,
) -> None:
    source = by_ssh(server, tmp_path).source
    if place.isupper():
        monkeypatch.setenv(place, value)
    else:
        with source.open("a", encoding="utf-8") as stream:
            stream.write(f"[all:vars]\n{place}={value}\n")
    server.know(paramiko.ECDSAKey.generate())
    refused_unless_checked(source, playbook)


def test_no_command_makes_a_key_known(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook
) -> None:
    """`%H %t %K` are the host's name and the very key that it shows."""
    server.known_hosts.write_text("", encoding="utf-8")
    arguments = (
        f"-F none -o UserKnownHostsFile={server.known_hosts} "
        '-o "KnownHostsCommand=/bin/echo %H %t %K"'
    )
    source = tmp_path / "hosts.yml"
    source.write_text(
        f"all: {{hosts: {{broker: {{ansible_host: 127.0.0.1, ansible_port: {server.port}, "
        f"ansible_user: ops, ansible_ssh_private_key_file: {server.client_key_file}, "
        f"ansible_ssh_common_args: '{arguments}'}}}}}}\n",
        encoding="utf-8",
    )
    refused_unless_checked(source, playbook)
    assert server.commands == []


def refused_unless_checked(source: Path, playbook: WritePlaybook) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    with AnsibleChannel(read_inventory(source)) as channel:
        assert channel.run(name, ["broker"]).per_host["broker"].state == "unreachable"
