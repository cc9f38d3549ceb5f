"""The SSH channel goes the way that the user's ssh would go."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.channel import (
    AuthenticationFailedError,
    HostUnreachableError,
    RescueError,
    SshChannel,
)
from tests.unit.hosts import relay
from tests.unit.hosts.ssh_server import SshServer


def test_a_jump_host_is_gone_through(server: SshServer, empty_home: Path, tmp_path: Path) -> None:
    inner_directory = tmp_path / "inner"
    inner_directory.mkdir()
    inner = SshServer(inner_directory)
    config = empty_home / ".ssh" / "config"
    config.parent.mkdir()
    config.write_text(
        f"Host bastion\n HostName 127.0.0.1\n Port {server.port}\n User ops\n"
        f" IdentityFile {server.client_key_file}\n UserKnownHostsFile {server.known_hosts}\n",
        encoding="utf-8",
    )
    try:
        way = f"-F {config} -o ProxyJump=bastion"
        with SshChannel(inner.host(more_arguments=way)) as channel:
            assert channel.run(["echo", "inside"]).stdout == "inside\n"
        assert server.forwarded == [("127.0.0.1", inner.port)]
        assert server.commands == []
    finally:
        inner.close()


def test_an_alias_of_the_ssh_config_and_its_key_alias_are_understood(
    server: SshServer, empty_home: Path
) -> None:
    key = server.host_key
    server.known_hosts.write_text(f"the-broker {key.get_name()} {key.get_base64()}\n")
    config = empty_home / ".ssh" / "config"
    config.parent.mkdir()
    config.write_text(
        f"Host kafka-*\n HostName 127.0.0.1\n Port {server.port}\n User ops\n"
        f" IdentityFile {server.client_key_file}\n UserKnownHostsFile {server.known_hosts}\n"
        " HostKeyAlias the-broker\n",
        encoding="utf-8",
    )
    with SshChannel(Host("broker", "kafka-1", ssh_arguments=f"-F {config}")) as channel:
        assert channel.run(["echo", "hi"]).stdout == "hi\n"


def test_a_proxy_command_is_gone_through_and_speaks_in_errors(server: SshServer) -> None:
    through = f"-o 'ProxyCommand={sys.executable} {relay.__file__} %h %p 2>/dev/null'"
    with SshChannel(server.host(more_arguments=through)) as channel:
        assert channel.run(["echo", "inside"]).stdout == "inside\n"
    broken = "-o 'ProxyCommand=echo the bastion is closed >&2'"
    with pytest.raises(HostUnreachableError, match="the bastion is closed"):
        SshChannel(server.host(more_arguments=broken)).connect()


def test_settings_of_ssh_that_cannot_be_followed_are_named(server: SshServer) -> None:
    fd = "-o ProxyUseFdpass=yes -o ProxyCommand=x"
    with pytest.raises(RescueError, match="cannot follow ssh's setting `ProxyUseFdpass yes`"):
        SshChannel(server.host(more_arguments=fd)).connect()
    with pytest.raises(RescueError, match=r"does not say how to reach it: .*nonsense"):
        SshChannel(server.host(more_arguments="-o Nonsense=1")).connect()
    with pytest.raises(RescueError, match="No closing quotation"):
        SshChannel(server.host(more_arguments="-o 'A=1")).connect()
    other = "-o PKCS11Provider=/no/such.so -o GSSAPIAuthentication=no"
    host = dataclasses.replace(server.host(more_arguments=other), user="stranger")
    with pytest.raises(AuthenticationFailedError, match=r"PKCS11Provider /no/such\.so"):
        SshChannel(host).connect()


@pytest.mark.parametrize("has_ticket", [True, False])
def test_kerberos_is_named_to_who_has_a_ticket(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_ticket: bool
) -> None:
    klist = tmp_path / "klist"
    klist.write_text(f"#!/bin/sh\n[ $1 = -s ] && {str(has_ticket).lower()}\n", encoding="utf-8")
    klist.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    host = server.host(more_arguments="-o GSSAPIAuthentication=yes")
    with pytest.raises(AuthenticationFailedError) as caught:
        SshChannel(dataclasses.replace(host, user="stranger")).connect()
    assert ("GSSAPIAuthentication yes" in str(caught.value)) == has_ticket
