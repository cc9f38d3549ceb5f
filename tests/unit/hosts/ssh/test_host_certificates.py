"""Hosts that a certificate authority vouches for, judged as OpenSSH's own client judges them."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.channel import HostKeyRejectedError, SshChannel
from tests.unit.hosts.ssh.test_login_shells import SSHD, wait_for
from tests.waiting import PATIENCE

NAME = "127.0.0.1"


@dataclass
class Authority:
    """Keys of an authority, of another one, of a user and of a host, in a directory."""

    place: Path

    def key(self, name: str, kind: str = "ed25519") -> str:
        """Return the public key of that name, made at its first use."""
        file = self.place / name
        if not file.exists():
            command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(file)]
            subprocess.run(command, check=True)
        return file.with_suffix(".pub").read_text(encoding="utf-8").rsplit(" ", 1)[0]

    def sign(self, *options: str, authority: str = "ca") -> None:
        """Give the host a certificate."""
        self.key(authority)
        self.key("host")
        command = ["ssh-keygen", "-q", "-s", str(self.place / authority), "-I", "it", *options]
        subprocess.run([*command, str(self.place / "host.pub")], check=True)

    def know(self, *lines: str) -> None:
        (self.place / "known_hosts").write_text("".join(f"{line}\n" for line in lines))


Serve = Callable[[], Host]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    place = tmp_path / "keys"
    place.mkdir(mode=0o700)
    return Authority(place)


@pytest.fixture
def serve(authority: Authority) -> Iterator[Serve]:
    """Start a host with the certificate that it has by then."""
    if SSHD is None:
        pytest.skip("there is no sshd here")
    servers: list[subprocess.Popen[bytes]] = []

    def start() -> Host:
        place = authority.place
        authority.key("user")
        with socket.create_server((NAME, 0)) as free:
            port = int(free.getsockname()[1])
        certificate = place / "host-cert.pub"
        (place / "sshd_config").write_text(
            f"ListenAddress {NAME}:{port}\nHostKey {place}/host\nStrictModes no\nUsePAM no\n"
            f"AuthorizedKeysFile {place}/user.pub\nPidFile none\nPermitRootLogin yes\n"
            + (f"HostCertificate {certificate}\n" if certificate.exists() else ""),
            encoding="utf-8",
        )
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        command = [str(SSHD), "-D", "-f", str(place / "sshd_config"), "-E", str(place / "log")]
        servers.append(subprocess.Popen(command))
        wait_for(port, servers[-1])
        return Host(
            "broker",
            NAME,
            port,
            pwd.getpwuid(os.getuid()).pw_name,
            str(place / "user"),
            ssh_arguments=f"-F none -o UserKnownHostsFile={place}/known_hosts "
            "-o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes",
        )

    yield start
    for server in servers:
        server.terminate()
        server.wait()


def openssh_believes(host: Host) -> bool:
    words = ["-o", "BatchMode=yes", "-p", str(host.port), "-i", str(host.private_key_file)]
    command = ["ssh", *host.ssh_arguments.split(), *words, f"{host.user}@{host.address}", "exit"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def refusal(host: Host) -> str:
    """Return why the SSH channel refuses a host; empty where it takes it."""
    try:
        with SshChannel(host) as channel:
            channel.connect(timeout=PATIENCE)
    except HostKeyRejectedError as error:
        return error.message
    return ""


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["-h", "-n", NAME], ""),
        (["-h", "-n", f"another,{NAME}"], ""),
        (["-h", "-n", "127.0.0.*"], "and not for 127.0.0.1"),
        (["-h", "-n", "another"], "it is for another, and not for 127.0.0.1"),
        (["-h", "-n", NAME, "-V", "20200101:20210101"], "it has expired"),
        (["-h", "-n", NAME, "-V", "20900101:20910101"], "it is not valid yet"),
        (["-n", NAME], "it is a user's, and no host's"),
    ],
)
def test_a_certificate_counts_as_for_openssh(
    options: Sequence[str], why: str, authority: Authority, serve: Serve
) -> None:
    authority.sign(*options)
    authority.know(f"@cert-authority [{NAME[:6]}*]:* {authority.key('ca')}")
    host = serve()
    said = refusal(host)
    assert openssh_believes(host) == (not said)
    assert why in said
    assert bool(why) == bool(said)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_keys_of_other_kinds_are_signed_too(kind: str, authority: Authority, serve: Serve) -> None:
    authority.key("host", kind)
    authority.key("ca", kind)
    authority.sign("-h", "-n", NAME)
    authority.know(f"@cert-authority * {authority.key('ca')}")
    host = serve()
    assert openssh_believes(host)
    assert refusal(host) == ""


def lines_of(authority: Authority) -> dict[str, tuple[list[str], str]]:
    ca, other, key = (authority.key(name) for name in ("ca", "other", "host"))
    vouching = f"@cert-authority * {ca}"
    return {
        "another authority": ([f"@cert-authority * {other}"], "another certificate authority"),
        "of another host": ([f"@cert-authority *.example.org {ca}"], "is not known"),
        "two authorities": ([f"@cert-authority * {other}", vouching], ""),
        "a revoked authority": ([vouching, f"@revoked * {ca}"], "revokes the authority"),
        "a revoked key": ([vouching, f"@revoked * {key}"], "revokes the key"),
        "a plain key as well": ([f"@cert-authority * {other}", f"* {key}"], ""),
        "as if the authority were a host": ([f"* {ca}"], "shows another key"),
    }


@pytest.mark.parametrize(
    "case",
    [
        "another authority",
        "of another host",
        "two authorities",
        "a revoked authority",
        "a revoked key",
        "a plain key as well",
        "as if the authority were a host",
    ],
)
def test_known_hosts_says_whom_to_believe_as_for_openssh(
    case: str, authority: Authority, serve: Serve
) -> None:
    authority.sign("-h", "-n", NAME)
    lines, why = lines_of(authority)[case]
    authority.know(*lines)
    host = serve()
    said = refusal(host)
    assert openssh_believes(host) == (not said)
    assert why in said
    assert bool(why) == bool(said)


def test_a_certificate_for_nobody_holds_for_nobody(authority: Authority, serve: Serve) -> None:
    """Older clients of OpenSSH take it for everybody's, which newer ones no longer do."""
    authority.sign("-h")
    authority.know(f"@cert-authority * {authority.key('ca')}")
    assert "it is for no name, and not for" in refusal(serve())


def test_a_host_without_its_certificate_is_told_what_to_change(
    authority: Authority, serve: Serve
) -> None:
    authority.key("host")
    authority.know(f"@cert-authority * {authority.key('ca')}")
    with pytest.raises(HostKeyRejectedError) as caught:
        SshChannel(serve()).connect(timeout=PATIENCE)
    assert "the host shows no certificate" in caught.value.message
    assert "HostCertificate" in caught.value.hint
