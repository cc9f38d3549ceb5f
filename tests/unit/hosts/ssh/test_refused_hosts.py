"""A host with another key, one that is down and one that lets nobody in: each has its own words."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import paramiko
import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.channel import (
    AuthenticationFailedError,
    HostKeyRejectedError,
    HostUnreachableError,
    SshChannel,
)
from tests.unit.hosts.ssh_server import SshServer


def test_an_unknown_host_key_is_rejected_and_shown(server: SshServer) -> None:
    server.known_hosts.write_text("", encoding="utf-8")
    with pytest.raises(HostKeyRejectedError) as caught:
        SshChannel(server.host()).connect()
    assert f"[127.0.0.1]:{server.port} is not known" in caught.value.message
    assert "SHA256:" in caught.value.message
    assert str(server.known_hosts) in caught.value.hint


def test_another_host_key_is_rejected(server: SshServer) -> None:
    server.know(paramiko.ECDSAKey.generate())
    with pytest.raises(HostKeyRejectedError, match="shows another key than the known one"):
        SshChannel(server.host()).connect()


def test_the_inventory_cannot_switch_key_checking_off(server: SshServer) -> None:
    server.known_hosts.write_text("", encoding="utf-8")
    careless = server.host(more_arguments="-o StrictHostKeyChecking=no")
    with pytest.raises(HostKeyRejectedError):
        SshChannel(careless).connect()


def test_a_wrong_key_is_told_apart_from_a_missing_one(server: SshServer, tmp_path: Path) -> None:
    other = tmp_path / "other_key"
    paramiko.ECDSAKey.generate().write_private_key_file(str(other))
    host = server.host()
    wrong = Host("b", host.address, host.port, host.user, str(other), False, host.ssh_arguments)
    with pytest.raises(AuthenticationFailedError, match="does not let `ops` in"):
        SshChannel(wrong).connect()
    missing = Host("b", host.address, host.port, "ops", "/no/key", False, host.ssh_arguments)
    with pytest.raises(AuthenticationFailedError, match="there is no file /no/key"):
        SshChannel(missing).connect()


def test_a_host_that_does_not_listen_is_unreachable(server: SshServer) -> None:
    host = server.host()
    server.close()
    with pytest.raises(HostUnreachableError, match="no SSH connection to 127"):
        SshChannel(host).connect()


def test_a_key_that_ssh_would_not_ask_for_is_refused_with_the_setting(server: SshServer) -> None:
    host = dataclasses.replace(
        server.host(),
        ssh_arguments="-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
        "-o GlobalKnownHostsFile=/dev/null",
    )
    with pytest.raises(HostKeyRejectedError) as caught:
        SshChannel(host).connect()
    assert "StrictHostKeyChecking" in caught.value.message
    assert "/dev/null, where no key is kept" in caught.value.message
    assert "/dev/null" not in caught.value.hint
    assert "~/.ssh/known_hosts" in caught.value.hint


def test_known_hosts_is_read_as_ssh_reads_it(server: SshServer) -> None:
    key, other = server.host_key, paramiko.ECDSAKey.generate()
    place, kind = f"[127.0.0.1]:{server.port}", key.get_name()
    good = f"{place} {kind} {key.get_base64()}\n"
    authority = f"@cert-authority *.1 {kind} {other.get_base64()}\n"
    server.known_hosts.write_text(f"{authority}torn ssh-rsa !!\nalone\n{good}")
    SshChannel(server.host()).connect()
    server.known_hosts.write_text(f"{place} {kind} {other.get_base64()}\n{good}")
    SshChannel(server.host()).connect()  # either of two keys will do
    server.known_hosts.write_text(f"@revoked * {kind} {key.get_base64()}\n{good}")
    with pytest.raises(HostKeyRejectedError, match="known_hosts revokes the key"):
        SshChannel(server.host()).connect()
    server.known_hosts.write_text(authority.replace("*.1", "[*]:*"))
    with pytest.raises(HostKeyRejectedError, match="only through a certificate authority"):
        SshChannel(server.host()).connect()
