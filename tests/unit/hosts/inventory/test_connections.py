"""The way to a host is Ansible's: transport, login, become, ssh arguments, names."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.hosts.inventory.reader import read_inventory


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ("ansible_connection=local", "`ansible_connection` is `local`"),
        ("ansible_connection=community.docker.docker", "`community.docker.docker`"),
        ("ansible_connection=aws_ssm ansible_host=i-0abc", "`aws_ssm`"),
        ("ansible_connection=ansible.netcommon.network_cli", "`ansible.netcommon.network_cli`"),
        ("ansible_connection=winrm ansible_port=5986", "`winrm`"),
        ('ansible_connection="{{ how }}" how=local', "`local`"),
        ("ansible_shell_type=powershell", "`ansible_shell_type` is `powershell`"),
    ],
)
def test_hosts_that_speak_no_ssh_are_told(tmp_path: Path, variables: str, message: str) -> None:
    source = tmp_path / "hosts.ini"
    source.write_text(
        f"a {variables}\nb ansible_connection=ansible.builtin.ssh\nc ansible_connection=smart\n",
        encoding="utf-8",
    )
    inventory = read_inventory(source)
    assert message in inventory.unusable["a"]
    assert inventory.usable == ("b", "c")


def test_a_transport_of_the_settings_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_TRANSPORT", "local")
    source = tmp_path / "hosts.ini"
    source.write_text("a\nb ansible_connection=ssh\n", encoding="utf-8")
    assert read_inventory(source).usable == ("b",)


def test_become_is_as_the_plays_ask_for_it(tmp_path: Path) -> None:
    source = tmp_path / "hosts.ini"
    source.write_text(
        "plain ansible_user=ops\n"
        "root ansible_user=root\n"
        "never ansible_user=ops ansible_become=no\n"
        "other ansible_user=root ansible_become_user=kafka\n"
        "sudo ansible_become_user=a ansible_sudo_user=b ansible_sudo_flags=-n ansible_sudo_pass=x\n"
        "su ansible_become_method=ansible.builtin.su ansible_become_exe=/opt/su\n",
        encoding="utf-8",
    )
    hosts = read_inventory(source).hosts
    assert {name: host.become for name, host in hosts.items()} == {
        "plain": True,
        "root": False,
        "never": False,
        "other": True,
        "sudo": True,
        "su": True,
    }
    sudo, su = hosts["sudo"], hosts["su"]
    assert (sudo.become_user, sudo.become_flags, sudo.become_asks_password) == ("b", "-n", True)
    assert (su.become_method, su.become_exe, su.become_user) == ("su", "/opt/su", "root")


def test_of_several_names_the_last_counts_as_in_ansible(tmp_path: Path) -> None:
    source = tmp_path / "hosts.ini"
    source.write_text(
        "a ansible_ssh_host=new ansible_host=old ansible_port=1 ansible_ssh_port=2 "
        "ansible_ssh_user=new ansible_user=old\n",
        encoding="utf-8",
    )
    host = read_inventory(source).hosts["a"]
    assert (host.address, host.port, host.user) == ("new", 2, "new")


def test_every_ssh_argument_in_the_precedence_of_ansible(
    tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_home / "ansible.cfg").write_text(
        "[ssh_connection]\nssh_args = -F ./ssh.cfg -o ControlPersist=5m\n"
        "ssh_extra_args = -o Compression=no\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("ANSIBLE_SSH_COMMON_ARGS", "-o C=environment")
    source = tmp_path / "hosts.ini"
    source.write_text(
        "a\nb ansible_ssh_args='-o A=host -S /tmp/socket -M' ansible_ssh_common_args='-J x'\n",
        encoding="utf-8",
    )
    hosts = read_inventory(source).hosts
    assert hosts["a"].ssh_arguments == "-F ./ssh.cfg -o C=environment -o Compression=no"
    assert hosts["b"].ssh_arguments == "-o A=host -J x -o Compression=no"


def test_a_port_is_a_number_as_for_ansible(tmp_path: Path) -> None:
    source = tmp_path / "hosts.yml"
    written = ("22", 22.0, " 22 ", "0022", "22.0", "22.5", "nan", "0", "65536", "1e9999999")
    hosts = "\n".join(f"    h{i}: {{ansible_port: {port!r}}}" for i, port in enumerate(written))
    source.write_text(f"all:\n  hosts:\n{hosts}\n", encoding="utf-8")
    inventory = read_inventory(source)
    assert {name: inventory.hosts[name].port for name in inventory.usable} == {
        f"h{number}": 22 for number in range(5)
    }
    assert inventory.unusable["h5"] == "`ansible_port` is no port: 22.5"


def test_by_what_only_ansible_gets_in_is_known_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "hosts.ini"
    source.write_text(
        "key ansible_private_key=open-sesame\npassword ansible_ssh_pass=open-sesame\n"
        "card ansible_ssh_pkcs11_provider=/usr/lib/opensc-pkcs11.so\nnothing ansible_password=\n",
        encoding="utf-8",
    )
    hosts = read_inventory(source).hosts
    assert {name: host.unused_logins for name, host in hosts.items()} == {
        "key": ("`ansible_private_key`",),
        "password": ("`ansible_ssh_pass`",),
        "card": ("`ansible_ssh_pkcs11_provider`",),
        "nothing": (),
    }
    assert "open-sesame" not in repr(hosts)
    (tmp_path / "password").write_text("open-sesame", encoding="utf-8")
    monkeypatch.setenv("ANSIBLE_CONNECTION_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("ANSIBLE_PRIVATE_KEY", "open-sesame")
    monkeypatch.setenv("ANSIBLE_PKCS11_PROVIDER", "/usr/lib/opensc-pkcs11.so")
    hosts = read_inventory(source).hosts
    assert hosts["nothing"].unused_logins == (
        "`connection_password_file`",
        "`private_key`",
        "`pkcs11_provider`",
    )
    assert "open-sesame" not in repr(hosts)
