"""The SSH channel logs in by the keys that ssh itself would use, and leaves from where it would."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.hosts.ssh.channel import (
    AuthenticationFailedError,
    HostUnreachableError,
    SshChannel,
)
from tests.unit.hosts.ssh_server import SshServer
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def agent(tmp_path: Path, server: SshServer) -> Iterator[Path]:
    """Start an agent that holds the server's key, which from now on has a passphrase on disk."""
    place = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(place)], stdout=subprocess.DEVNULL)
    try:
        wait_until(place.exists, "the agent listens")
        key = server.client_key_file
        environment = {"SSH_AUTH_SOCK": str(place), "PATH": "/usr/bin:/bin"}
        key.chmod(0o600)
        subprocess.run(["ssh-add", "-q", str(key)], env=environment, check=True)
        lock = ["ssh-keygen", "-q", "-p", "-N", "a passphrase", "-f", str(key)]
        subprocess.run(lock, check=True, stdout=subprocess.DEVNULL)
        yield place
    finally:
        process.terminate()
        process.wait(PATIENCE)


def says_hello(channel: SshChannel) -> bool:
    with channel:
        return channel.run(["echo", "hello"], timeout=PATIENCE).stdout == "hello\n"


def test_a_locked_key_is_used_by_way_of_the_agent(
    server: SshServer, agent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
    assert says_hello(SshChannel(server.host()))
    assert says_hello(SshChannel(server.host(more_arguments="-o IdentitiesOnly=yes")))


def test_of_a_key_that_only_an_agent_holds_the_public_half_is_enough(
    server: SshServer, agent: Path, tmp_path: Path
) -> None:
    public = tmp_path / "work.pub"
    shown = ["ssh-keygen", "-y", "-P", "a passphrase", "-f", str(server.client_key_file)]
    public.write_bytes(subprocess.run(shown, capture_output=True, check=True).stdout)
    options = f"-o IdentitiesOnly=yes -o IdentityAgent={agent}"
    host = replace(server.host(more_arguments=options), private_key_file=str(public))
    assert says_hello(SshChannel(host))


def test_other_keys_of_an_agent_count_only_where_ssh_would_use_them(
    server: SshServer, agent: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)]
    subprocess.run(make, check=True)
    asked = f"-o IdentityAgent={agent}"
    host = replace(server.host(more_arguments=asked), private_key_file=str(other))
    assert says_hello(SshChannel(host))
    strict = replace(host, ssh_arguments=f"{host.ssh_arguments} -o IdentitiesOnly=yes")
    with pytest.raises(AuthenticationFailedError):
        SshChannel(strict).connect()


def test_an_agent_that_says_nothing_holds_nobody_up(server: SshServer, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        host = server.host(more_arguments=f"-o IdentityAgent={tmp_path}/silent")
        channel = SshChannel(host)
        channel.connect(timeout=1)
        assert says_hello(channel)


@pytest.mark.usefixtures("agent")
def test_what_keeps_the_keys_from_being_used_is_said(server: SshServer) -> None:
    host = replace(server.host(), unused_logins=("`ansible_password`",))
    with pytest.raises(AuthenticationFailedError) as refused:
        SshChannel(host).connect()
    assert f"the key {server.client_key_file} has a passphrase" in refused.value.message
    assert "the SSH channel does not use `ansible_password`" in refused.value.message


def test_a_connection_leaves_from_where_ssh_would(server: SshServer) -> None:
    with SshChannel(server.host(more_arguments="-o BindAddress=127.0.0.9")) as channel:
        channel.run(["true"], timeout=PATIENCE)
        (transport,) = server._transports
        assert transport.getpeername()[0] == "127.0.0.9"
    with SshChannel(server.host(more_arguments="-o BindInterface=lo")) as channel:
        assert channel.run(["true"], timeout=PATIENCE).rc == 0
    with pytest.raises(HostUnreachableError):
        SshChannel(server.host(more_arguments="-o AddressFamily=inet6")).connect()


def test_the_ssh_of_the_inventory_is_the_one_that_is_asked(
    server: SshServer, tmp_path: Path
) -> None:
    wrapper = tmp_path / "company-ssh"
    wrapper.write_text(f'#!/bin/sh\nexec ssh -o HostName=127.0.0.1 -p {server.port} "$@"\n')
    wrapper.chmod(0o755)
    host = replace(server.host(), address="broker-7", port=22, ssh_executable=str(wrapper))
    known = f"127.0.0.1 {server.host_key.get_name()} {server.host_key.get_base64()}\n"
    server.known_hosts.write_text(known)
    assert says_hello(SshChannel(host))
