"""How ssh would go, asked of the real ssh."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.route import SshRoute, question, route_of

HOME = Path(pwd.getpwuid(os.getuid()).pw_dir)


def route(host: Host) -> SshRoute:
    answer = subprocess.run(question(host), capture_output=True, text=True, check=True).stdout
    return route_of(host, answer)


def configured(path: Path, text: str, name: str = "alias", **more: str) -> SshRoute:
    file = path / "ssh_config"
    file.write_text(text, encoding="utf-8")
    arguments = f"-F {file} {more.pop('ssh_arguments', '')}"
    return route(Host("b", name, ssh_arguments=arguments))


def test_a_bare_host_gets_the_defaults_of_ssh() -> None:
    plain = route(Host("b", "198.18.0.1", ssh_arguments="-F none"))
    assert (plain.host_name, plain.port, plain.proxy) == ("198.18.0.1", 22, ())
    assert plain.user == pwd.getpwuid(os.getuid()).pw_name
    assert plain.known_hosts_files[0] == HOME / ".ssh/known_hosts"
    assert Path("/etc/ssh/ssh_known_hosts") in plain.known_hosts_files
    assert HOME / ".ssh/id_ed25519" in plain.identity_files
    assert plain.wanted_identities == ()
    assert plain.known_names == ("198.18.0.1",)


def test_the_inventory_wins_over_its_arguments_and_those_over_the_config(tmp_path: Path) -> None:
    file = tmp_path / "ssh_config"
    file.write_text(
        "Host alias\n HostName real\n Port 2\n User config\n IdentityFile /config\n",
        encoding="utf-8",
    )
    arguments = f"-F {file} -i {file} -l me"
    host = Host("b", "alias", port=2222, private_key_file="/own", ssh_arguments=arguments)
    full = route(host)
    assert (full.host_name, full.port, full.user) == ("real", 2222, "me")
    assert full.wanted_identities == (Path("/own"), file, Path("/config"))
    assert full.known_names == ("[real]:2222", "real")
    assert route(Host("b", "alias", ssh_arguments=f"-F {file}")).port == 2


def test_what_only_ssh_itself_can_tell_is_followed(tmp_path: Path) -> None:
    (tmp_path / "more").write_text("Match exec true\n Port 2200\n", encoding="utf-8")
    there = configured(
        tmp_path,
        f"Include {tmp_path}/more\nHost alias\n HostName %h.example.org\n"
        " IdentityFile ~/keys/%r@%h\n IdentitiesOnly yes\n User ops\n HostKeyAlias the-broker\n",
    )
    assert (there.port, there.host_name) == (2200, "alias.example.org")
    assert there.identity_files == (HOME / "keys/ops@alias.example.org",)
    assert there.only_these_identities
    assert there.known_names == ("the-broker",)


def test_known_hosts_of_the_arguments_replace_the_users() -> None:
    own = route(Host("b", "b", ssh_arguments="-F none -o UserKnownHostsFile='/a /b'"))
    assert own.known_hosts_files[:2] == (Path("/a"), Path("/b"))
    assert "known_hosts" not in [file.name for file in own.known_hosts_files]
    nothing = "-F none -o UserKnownHostsFile=none -o GlobalKnownHostsFile=none"
    assert route(Host("b", "b", ssh_arguments=nothing)).known_hosts_files == ()


def test_known_hosts_with_blanks_in_their_names_are_found(tmp_path: Path) -> None:
    known, other = tmp_path / "my keys" / "known hosts", tmp_path / "other"
    known.parent.mkdir()
    known.touch()
    named = f"'-oUserKnownHostsFile={tmp_path}/none \"{known}\" {other}'"
    own = route(Host("b", "b", ssh_arguments=f"-F none {named}"))
    assert own.known_hosts_files[:3] == (tmp_path / "none", known, other)
    (tmp_path / "my").touch()  # a name that is there by itself is that file, as ssh may mean too
    own = route(Host("b", "b", ssh_arguments=f"-F none {named}"))
    assert own.known_hosts_files[1] == tmp_path / "my"


@pytest.mark.parametrize(
    ("jumps", "end"),
    [
        ("x", ("-W", "b:22", "--", "ssh://x")),
        ("a@x:1,y", ("-J", "a@x:1", "-W", "b:22", "--", "ssh://y")),
        ("[2001:db8::1]:2200", ("-W", "b:22", "--", "ssh://[2001:db8::1]:2200")),
    ],
)
def test_ssh_itself_goes_through_jump_hosts(jumps: str, end: tuple[str, ...]) -> None:
    through = route(Host("b", "b", ssh_arguments=f"-F none -J {jumps}")).proxy
    assert through[-len(end) :] == end
    assert through[: -len(end)] == (
        "ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-F", "none",
    )  # fmt: skip


def test_a_proxy_command_is_filled_in_and_run_by_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    command = "-F none -o 'ProxyCommand=nc -l %r %h %p %% 2>x'"
    through = route(Host("b", "b", user="ops", ssh_arguments=command)).proxy
    assert through == ("/bin/sh", "-c", "exec nc -l ops b 22 % 2>x")
    assert route(Host("b", "b", ssh_arguments="-F none -o ProxyCommand=none")).proxy == ()


def test_an_answer_without_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="port `x` is no number"):
        route_of(Host("b", "b"), "hostname b\nport x\n")
    assert route_of(Host("b", "b"), "").host_name == "b"
