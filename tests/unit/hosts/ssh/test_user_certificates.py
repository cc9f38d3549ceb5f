"""A certificate lets in wherever it lies and wherever its key is, as for OpenSSH's own client."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.channel import AuthenticationFailedError, SshChannel
from tests.unit.hosts.ssh.test_login_shells import SSHD, wait_for
from tests.waiting import PATIENCE, wait_until


@dataclass(frozen=True)
class Certified:
    """A host that lets in whoever has a certificate, and the key and certificate of one."""

    host: Host
    key: Path
    certificate: Path

    def by(self, key: Path | None = None, options: str = "") -> Host:
        """Return the host as it is reached with a key and options of ssh."""
        arguments = f"{self.host.ssh_arguments} {options}"
        return replace(self.host, private_key_file=str(key or self.key), ssh_arguments=arguments)

    def agent(self, place: Path, directory: Path) -> subprocess.Popen[bytes]:
        """Start an agent that holds the key as it lies there."""
        process = subprocess.Popen(
            ["ssh-agent", "-D", "-a", str(directory)], stdout=subprocess.DEVNULL
        )
        wait_until(directory.exists, "the agent listens")
        environment = {"SSH_AUTH_SOCK": str(directory), "PATH": os.environ["PATH"]}
        subprocess.run(["ssh-add", "-q", str(place)], env=environment, check=True)
        return process


def make_key(kind: str, place: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(place)], check=True)


@pytest.fixture(params=["ed25519", "rsa", "ecdsa"])
def certified(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Certified]:
    if SSHD is None:
        pytest.skip("there is no sshd here")
    user = pwd.getpwuid(os.getuid()).pw_name
    for name, kind in (("host", "ed25519"), ("authority", "ed25519"), ("user", request.param)):
        make_key(kind, tmp_path / name)
    sign = ["ssh-keygen", "-q", "-s", str(tmp_path / "authority"), "-I", "test", "-n", user]
    subprocess.run([*sign, str(tmp_path / "user.pub")], check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    config = tmp_path / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path}/host\nStrictModes no\nUsePAM no\n"
        f"TrustedUserCAKeys {tmp_path}/authority.pub\nAuthorizedKeysFile none\nPidFile none\n"
        "PermitRootLogin yes\n",
        encoding="utf-8",
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    known = f"[127.0.0.1]:{port} {(tmp_path / 'host.pub').read_text(encoding='utf-8')}"
    (tmp_path / "known_hosts").write_text(known, encoding="utf-8")
    server = subprocess.Popen([SSHD, "-D", "-f", str(config), "-E", str(tmp_path / "sshd.log")])
    try:
        wait_for(port, server)
        arguments = f"-F none -o UserKnownHostsFile={tmp_path}/known_hosts"
        host = Host("broker", "127.0.0.1", port, user, ssh_arguments=arguments)
        yield Certified(host, tmp_path / "user", tmp_path / "user-cert.pub")
    finally:
        server.terminate()
        server.wait()


def is_let_in(host: Host) -> bool:
    with SshChannel(host) as channel:
        return channel.run(["true"], timeout=PATIENCE).rc == 0


def test_it_lies_beside_its_key_or_where_a_setting_says(
    certified: Certified, tmp_path: Path
) -> None:
    assert is_let_in(certified.by())
    (tmp_path / "alone").mkdir()
    key = Path(shutil.copy(certified.key, tmp_path / "alone"))
    with pytest.raises(AuthenticationFailedError):
        SshChannel(certified.by(key)).connect()
    assert is_let_in(certified.by(key, f"-o CertificateFile={certified.certificate}"))


@pytest.mark.parametrize("alone", [False, True])
def test_an_agent_holds_its_key(
    certified: Certified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, alone: bool
) -> None:
    certificate = certified.certificate
    if alone:  # else the agent takes the certificate along
        certificate = certificate.rename(tmp_path / "elsewhere.pub")
    agent = certified.agent(certified.key, tmp_path / "agent")
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
        certified.key.rename(tmp_path / "gone")
        options = f"-o IdentitiesOnly=yes -o CertificateFile={certificate}"
        assert is_let_in(certified.by(options=options))
        if not alone:
            assert is_let_in(certified.by(tmp_path / "nothing"))
    finally:
        agent.terminate()
        agent.wait(PATIENCE)
