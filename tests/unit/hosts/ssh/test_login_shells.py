"""Both channels through login shells that are not POSIX, or that print; with OpenSSH's own sshd."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.ssh.channel import HostUnreachableError, SshChannel, UnansweredError
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from tests.asking import question
from tests.waiting import PATIENCE, wait_until

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
MIMICRY = '{"guard":"9","verb":"preflight","ok":true,"hostname":"another"}'
SHELLS = ("sh", "bash", "fish", "tcsh")
READS_INPUT = {"asks for a line": "read -r answer\n", "takes two lines": "read -r a; read -r b\n"}
"""What a start file of bash may do with its input."""
SETTINGS = {
    "a banner": "Banner {home}/banner\n",
    "one session at a time": "MaxSessions 1\n",
    "no terminals": "PermitTTY no\n",
    "no forwarding, and new keys every few bytes": "DisableForwarding yes\nRekeyLimit 64K\n",
    "by IPv6": "",
}
"""What an sshd may be set to beside the usual."""
OPENSSH_ALONE = {"what OpenSSH alone has": "Ciphers aes256-ctr\nMACs umac-128-etm@openssh.com\n"}
START_FILES = {
    ".bashrc": ". $HOME/input.rc; printf 'hello'; echo 'sudo: unable to resolve host' >&2\n"
    f"echo '\n{MIMICRY}\r'\n",
    ".tcshrc": "echo hello from tcsh\n",
    ".config/fish/config.fish": "echo -n hello from fish; echo -n oops >&2\n",
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("keys")
    for name in ("host", "user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)]
        subprocess.run(command, check=True)
    return place


@pytest.fixture(params=[*SHELLS, *SETTINGS])
def host(request: pytest.FixtureRequest, keys: Path, tmp_path: Path) -> Iterator[Host]:
    """Start a host whose login shell prints, or whose sshd is set to something."""
    name, settings = "sh", (SETTINGS | OPENSSH_ALONE).get(request.param)
    if settings is None:
        name = "bash" if request.param in READS_INPUT else request.param
    shell = shutil.which(name)
    if SSHD is None or shell is None:
        pytest.skip(f"there is no sshd or no {name} here")
    more = {
        "banner": f"No trespassing\n{MIMICRY}\n",
        "input.rc": READS_INPUT.get(request.param, ""),
    }
    for file, text in {**START_FILES, **more}.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    address, bracketed = ("::1", "[::1]") if request.param == "by IPv6" else ("127.0.0.1",) * 2
    with socket.create_server((address, 0), family=_family(address)) as free:
        port = int(free.getsockname()[1])
    login = f"env HOME={tmp_path} BASH_ENV={tmp_path}/.bashrc {shell} -c"
    (tmp_path / "sshd_config").write_text(
        f"ListenAddress {bracketed}:{port}\nHostKey {keys}/host\nStrictModes no\nUsePAM no\n"
        f"AuthorizedKeysFile {keys}/user.pub\nPidFile none\nPermitRootLogin yes\n"
        f'ForceCommand {login} "$SSH_ORIGINAL_COMMAND"\n{(settings or "").format(home=tmp_path)}',
        encoding="utf-8",
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    key = (keys / "host.pub").read_text(encoding="utf-8")
    (tmp_path / "known_hosts").write_text(f"[{address}]:{port} {key}", encoding="utf-8")
    server = subprocess.Popen(
        [SSHD, "-D", "-f", str(tmp_path / "sshd_config"), "-E", str(tmp_path / "sshd.log")]
    )
    try:
        wait_for(port, server, address)
        yield Host(
            "broker",
            address,
            port,
            pwd.getpwuid(os.getuid()).pw_name,
            str(keys / "user"),
            ssh_arguments=f"-F none -o UserKnownHostsFile={tmp_path}/known_hosts",
        )
    finally:
        server.terminate()
        server.wait()


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def wait_for(port: int, server: subprocess.Popen[bytes], address: str = "127.0.0.1") -> None:
    def answers() -> bool:
        assert server.poll() is None, "sshd does not start"
        with socket.socket(_family(address)) as probe:
            return probe.connect_ex((address, port)) == 0

    wait_until(answers, "sshd answers")


def test_the_ssh_channel_gets_every_byte_there_and_back(host: Host) -> None:
    text = "".join(map(chr, range(1, 256))) + "'\\''!!$HOME`id`"
    with SshChannel(host) as channel:
        for _ in range(2):
            result = channel.run(["printf", "%s", text], timeout=PATIENCE)
            assert (result.stdout, result.stderr, result.rc) == (text, "", 0)
            assert channel.run(["sh", "-c", "cat; exit 7"], text.encode()).stdout == text
    with FleetRescue([host]) as rescue:
        assert isinstance(answer := rescue.preflight()["broker"], PreflightFacts), answer
        assert answer.hostname == socket.gethostname()


@pytest.mark.parametrize("host", ["asks for a line"], indirect=True)
def test_a_start_file_that_asks_for_a_line_gets_an_empty_one(host: Host) -> None:
    with SshChannel(host) as channel:
        for _ in range(2):
            assert channel.run(["echo", "here"], timeout=PATIENCE).stdout == "here\n"


@pytest.mark.parametrize("host", ["takes two lines"], indirect=True)
def test_a_start_file_that_takes_part_of_a_command_is_told_and_proves_nothing(host: Host) -> None:
    with SshChannel(host) as channel, pytest.raises(UnansweredError) as told:
        channel.run(["echo", "here"], timeout=PATIENCE)
    assert "something at the login read the beginning of `echo here`" in told.value.message


@pytest.mark.parametrize("host", ["no terminals"], indirect=True)
def test_a_host_that_refuses_terminals_is_told_with_the_setting(host: Host, tmp_path: Path) -> None:
    source = tmp_path / "hosts.ini"
    source.write_text(
        f"broker ansible_host=127.0.0.1 ansible_port={host.port} ansible_user={host.user} "
        f"ansible_ssh_private_key_file={host.private_key_file} ansible_become=false "
        f"ansible_ssh_common_args='{host.ssh_arguments}'\n",
        encoding="utf-8",
    )
    with AnsibleChannel(Inventory(source, {"broker": host}, {})) as hand:
        asked = hand.run("preflight.yml", ["broker"], timeout=300, **question("preflight"))
    assert "set `ansible_ssh_use_tty: false`" in asked.per_host["broker"].message


@pytest.mark.parametrize("host", OPENSSH_ALONE, indirect=True)
def test_an_sshd_that_takes_only_what_openssh_has_is_told_with_the_settings(host: Host) -> None:
    with pytest.raises(HostUnreachableError, match="no acceptable macs") as told:
        SshChannel(host).connect()
    assert "hmac-sha2-256 (MACs)" in told.value.hint


def test_a_playbook_gets_the_guard_there_and_its_answer_back(
    host: Host, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    no_terminals = "no terminals" in request.node.name
    source = tmp_path / "hosts.ini"
    source.write_text(
        f"broker ansible_host={host.address} ansible_port={host.port} ansible_user={host.user} "
        f"ansible_ssh_private_key_file={host.private_key_file} ansible_become=false "
        f"ansible_ssh_common_args='{host.ssh_arguments}'"
        f"{' ansible_ssh_use_tty=false' if no_terminals else ''}\n",
        encoding="utf-8",
    )
    with AnsibleChannel(Inventory(source, {"broker": host}, {})) as hand:
        for _ in range(2):  # the second time over the connection that Ansible keeps
            asked = hand.run("preflight.yml", ["broker"], timeout=300, **question("preflight"))
            outcome = asked.per_host["broker"]
            facts = outcome.answer(PreflightFacts)
            assert facts is not None, outcome
            assert facts.hostname == socket.gethostname()


@pytest.mark.parametrize("host", ["one session at a time"], indirect=True)
def test_a_host_that_opens_no_further_session_is_told(host: Host) -> None:
    with SshChannel(host) as channel, ThreadPoolExecutor() as pool:
        busy = pool.submit(channel.run, ["sleep", "5"], timeout=PATIENCE)
        wait_until(lambda: channel.connected, "the first session")
        time.sleep(2)
        with pytest.raises(HostUnreachableError, match="opens no further session"):
            channel.run(["true"], timeout=PATIENCE)
        assert busy.result().rc == 0
        assert channel.run(["true"], timeout=PATIENCE).rc == 0
