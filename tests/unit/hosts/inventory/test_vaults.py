"""What is in a vault is used, and shown to nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from tests.asking import question
from tests.unit.hosts.ssh_server import SshServer


def encrypted(tmp_path: Path, text: str) -> str:
    (tmp_path / "vault-password").write_text("open sesame\n", encoding="utf-8")
    words = ["ansible-vault", "encrypt_string", "--vault-password-file"]
    done = subprocess.run(
        [Path(sys.executable).with_name(words[0]), *words[1:], tmp_path / "vault-password", text],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.replace("\n", "\n      ")


def test_a_login_in_a_vault_is_decrypted_and_not_carried_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "hosts.yml"
    source.write_text(
        f"all:\n  hosts:\n    other: {{}}\n    a:\n"
        f"      ansible_user: {encrypted(tmp_path, 'secretly')}\n"
        f"\n      ansible_port: {encrypted(tmp_path, '2200')}\n"
        f"\n      stored: [{{deep: 1}}]\n",
        encoding="utf-8",
    )
    without = read_inventory(source)
    assert without.usable == ("other",)
    assert "`ansible_port`" in without.unusable["a"] or "`ansible_user`" in without.unusable["a"]
    assert "vault" in without.unusable["a"]
    assert len(without.unusable["a"]) < 200
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(tmp_path / "vault-password"))
    host = read_inventory(source).hosts["a"]
    assert (host.user, host.port, host.unusable) == ("secretly", 2200, "")
    assert host.variables == {"stored": [{"deep": 1}]}


def test_what_is_in_a_vault_is_in_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: SshServer
) -> None:
    source = tmp_path / "hosts.yml"
    login = encrypted(tmp_path, "secretly")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(tmp_path / "vault-password"))
    ways = (
        f"ansible_host: 127.0.0.1, ansible_port: {server.port}, "
        f"ansible_ssh_private_key_file: {server.client_key_file}, "
        f"ansible_ssh_common_args: -F none -o UserKnownHostsFile={server.known_hosts}"
    )
    source.write_text(
        f"all:\n  vars: {{{ways}}}\n  hosts:\n    a:\n      ansible_user: {login}\n"
        f"\n    b:\n      stored_login: {login}\n"
        "\n      ansible_user: '{{ stored_login }}'\n"
        f"    c:\n      ansible_port: {login}\n",
        encoding="utf-8",
    )
    inventory = read_inventory(source)
    hosts = [inventory.hosts["a"], inventory.hosts["b"]]
    assert [host.user for host in hosts] == ["secretly", "secretly"]
    assert inventory.hosts["c"].unusable == "`ansible_port` is no port: ***"
    with FleetRescue(hosts) as rescue:
        refused = [str(error) for error in rescue.open().values()]
    assert len(refused) == 2
    assert all("does not let `***` in" in said for said in refused)
    with AnsibleChannel(inventory) as hand:
        outcome = hand.run("audit.yml", ["a", "b"], **question("audit"))
    messages = [each.message for each in outcome.per_host.values()]
    assert all("***@127.0.0.1" in message for message in messages), messages
    assert "secretly" not in repr([*hosts, *refused, *messages]).replace("user='secretly'", "")


def test_a_file_in_a_vault_without_a_password_is_one_sentence(tmp_path: Path) -> None:
    encrypted(tmp_path, "x")
    (tmp_path / "hosts.ini").write_text("a\n", encoding="utf-8")
    (tmp_path / "group_vars").mkdir()
    file = tmp_path / "group_vars" / "all.yml"
    file.write_text("ansible_user: ops\n", encoding="utf-8")
    program = Path(sys.executable).with_name("ansible-vault")
    subprocess.run(
        [program, "encrypt", "--vault-password-file", tmp_path / "vault-password", file],
        check=True,
        capture_output=True,
    )
    with pytest.raises(InvalidInventoryError) as caught:
        read_inventory(tmp_path / "hosts.ini")
    assert "vault" in caught.value.message
    assert "\n" not in caught.value.message
    assert "ANSIBLE_VAULT_PASSWORD_FILE" in caught.value.hint
