"""An ansible.cfg that lies in the current directory starts no program unless it was named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.hosts.inventory.directory_settings import refuse_foreign_settings
from chaos_runner.hosts.inventory.reader import read_inventory

HARMLESS = """
[defaults]
remote_user = ops
private_key_file = ~/.ssh/key
inventory = ./hosts
roles_path = ./roles
stdout_callback = yaml
callbacks_enabled = profile_tasks
forks = 20
vault_password_file = ./password ; only read
[ssh_connection]
ssh_args = -C -o ControlMaster=auto -o ControlPersist=60s -J bastion
pipelining = True
[privilege_escalation]
become_user = root
[colors]
ok = green
"""


def test_ways_to_hosts_need_no_trust(empty_home: Path) -> None:
    (empty_home / "ansible.cfg").write_text(HARMLESS, encoding="utf-8")
    (empty_home / "password").write_text("x\n", encoding="utf-8")
    refuse_foreign_settings({})


@pytest.mark.parametrize(
    ("section", "setting"),
    [
        ("defaults", "vars_plugins = ./plugins"),
        ("defaults", "VARS_PLUGINS: ./plugins"),
        ("defaults", "lookup_plugins = ./plugins"),
        ("defaults", "collections_path = ."),
        ("defaults", "jinja2_extensions = x"),
        ("defaults", "vault_password_file = ./program"),
        ("defaults", "no_such_setting_yet = x"),
        ("inventory", "enable_plugins = script"),
        ("ssh_connection", "ssh_executable = ./program"),
        ("ssh_connection", "ssh_args = -o ProxyCommand=./program"),
        ("ssh_connection", "ssh_common_args = -F ./ssh.cfg"),
        ("sops", "x = y"),
    ],
)
def test_what_starts_a_program_is_named_until_the_file_is(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, section: str, setting: str
) -> None:
    (empty_home / "program").write_text("#!/bin/sh\n", encoding="utf-8")
    (empty_home / "program").chmod(0o755)
    (empty_home / "ssh.cfg").write_text("ProxyCommand ./program\n", encoding="utf-8")
    file = empty_home / "ansible.cfg"
    file.write_text(f"[{section}]\n{setting}\n", encoding="utf-8")
    with pytest.raises(RefusedError) as caught:
        read_inventory(Path("a,"))
    assert str(file) in caught.value.message
    assert f"[{section}]" in caught.value.message
    assert "ANSIBLE_CONFIG=" in caught.value.hint
    monkeypatch.setenv("ANSIBLE_CONFIG", str(file))
    refuse_foreign_settings()


@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_a_directory_that_everybody_writes_to(empty_home: Path, mode: int) -> None:
    (empty_home / "ansible.cfg").write_text("[defaults]\nforks = 5\n", encoding="utf-8")
    empty_home.chmod(mode)
    with pytest.raises(RefusedError, match="is writable by everybody"):
        refuse_foreign_settings({})


def test_shell_plugins_of_the_directory_are_refused_unless_their_place_is_named(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ansible loads them wherever it is started, whatever its settings say."""
    marker = empty_home / "marker"
    plugins = empty_home / "shell_plugins"
    plugins.mkdir()
    (plugins / "sh.py").write_text(f"open({str(marker)!r}, 'w')\n", encoding="utf-8")
    inventory = empty_home / "inventory" / "hosts.yml"
    inventory.parent.mkdir()
    inventory.write_text("all: {hosts: {a: {ansible_user: '{{ 1 }}'}}}\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="Ansible would run what lies in"):
        read_inventory(inventory)
    assert not marker.exists()
    monkeypatch.setenv("ANSIBLE_PLAYBOOK_DIR", str(empty_home))
    read_inventory(inventory)
    assert marker.exists(), "or nothing was tested"


def test_no_pipe_is_waited_for(empty_home: Path) -> None:
    os.mkfifo(empty_home / "ansible.cfg", 0o600)
    with pytest.raises(UsageError, match="it is a named pipe"):
        refuse_foreign_settings({})


def test_no_file_without_end_is_read(empty_home: Path) -> None:
    with (empty_home / "ansible.cfg").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        refuse_foreign_settings({})
