from __future__ import annotations

import dataclasses
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.channel import (
    AuthenticationFailedError,
    CommandTimeoutError,
    HostKeyRejectedError,
    HostUnreachableError,
    NotRootError,
    RescueError,
    SshChannel,
    TooMuchOutputError,
)
from tests.unit.hosts.ssh_server import SshServer
from tests.waiting import PATIENCE, wait_until


def test_a_command_gives_status_output_and_errors(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        result = channel.run(["sh", "-c", "echo 'two words'; echo oops >&2; exit 3"])
    assert (result.rc, result.stdout, result.stderr) == (3, "two words\n", "oops\n")


def test_arguments_are_quoted(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        assert channel.run(["printf", "%s", "$HOME; `id` 'x'"]).stdout == "$HOME; `id` 'x'"


def test_much_input_and_output_at_once_do_not_block_each_other(server: SshServer) -> None:
    megabytes = b"x" * 4_000_000
    with SshChannel(server.host()) as channel:
        result = channel.run(
            ["sh", "-c", "head -c 400000 | tee /dev/stderr; cat >/dev/null"],
            megabytes,
            timeout=PATIENCE,
        )
    assert (len(result.stdout), len(result.stderr), result.rc) == (400_000, 400_000, 0)


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_host_that_prints_without_end_is_given_up(server: SshServer, stream: str) -> None:
    with SshChannel(server.host()) as channel:
        with pytest.raises(TooMuchOutputError, match="more than 1048576 bytes came in answer to"):
            channel.run(["sh", "-c", f"exec yes >&{stream}"], timeout=PATIENCE)
        assert channel.run(["echo", "still here"]).stdout == "still here\n"


def test_no_descriptor_of_a_channel_can_become_somebody_elses(
    server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paramiko's pipe of a channel is written to while it is closed, whose number it then has."""
    made: list[str] = []
    monkeypatch.setattr("paramiko.pipe.make_pipe", lambda: made.append("a pipe"))
    with SshChannel(server.host()) as channel:
        assert channel.run(["echo", "no pipe"]).stdout == "no pipe\n"
    assert made == []


def test_a_script_on_stdin_is_run(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        assert channel.run(["sh", "-s", "--", "a b"], b'echo "<$1>"').stdout == "<a b>\n"


def test_become_goes_through_sudo_without_a_prompt(server: SshServer) -> None:
    with SshChannel(server.host(become=True)) as channel:
        assert channel.run(["echo", "root"]).stdout == "root\n"
    assert server.sudo_log == "-n -- /bin/sh\n"


def test_a_shell_of_root_is_kept_for_later_commands(server: SshServer) -> None:
    with SshChannel(server.host(become=True)) as channel:
        channel.become_root()
        server.break_sudo("sudo: a password is required")
        for n in range(3):
            result = channel.run(["sh", "-c", f"echo {n}; echo {n} >&2; exit {n}"], b"unread")
            assert (result.rc, result.stdout, result.stderr) == (n, f"{n}\n", f"{n}\n")
    assert server.sudo_log == "-n -- /bin/sh\n"


def test_a_shell_that_ended_meanwhile_is_started_anew(server: SshServer) -> None:
    with SshChannel(server.host(become=True)) as channel:
        channel.run(["true"])
        (shell,) = server.processes
        shell.kill()
        shell.wait()
        assert channel.run(["echo", "again"]).stdout == "again\n"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("sudo: a password is required", "sudo asks for a password"),
        ("sudo: sorry, you must have a tty to run sudo", "(`requiretty`)"),
        ("ops is not in the sudoers file.", "sudo does not allow it"),
        ("Sorry, user ops is not allowed to execute '/bin/sh' as root", "sudo does not allow it"),
        ("sudo: odd \x1b]0;a\x07", "sudo gives no shell (sudo: odd ?]0;a?)"),
    ],
)
def test_who_does_not_become_root_is_told_why(server: SshServer, said: str, problem: str) -> None:
    server.break_sudo(said)
    with SshChannel(server.host(become=True)) as channel:
        for ask in (channel.become_root, lambda: channel.run(["true"])):
            with pytest.raises(NotRootError) as caught:
                ask()
            assert caught.value.message.startswith("broker: the SSH channel does not become root")
            assert problem in caught.value.message


def test_what_this_channel_cannot_follow_is_refused_by_name(server: SshServer) -> None:
    host = server.host(become=True)
    for unusual, named in (
        (dataclasses.replace(host, become_method="su"), "`su` (`ansible_become_method`)"),
        (dataclasses.replace(host, become_user="kafka"), "would become `kafka`"),
        (dataclasses.replace(host, become_exe="su do"), "`ansible_become_exe`"),
    ):
        with SshChannel(unusual) as channel, pytest.raises(NotRootError) as caught:
            channel.become_root()
        assert named in caught.value.message


def test_words_around_an_answer_do_no_harm(server: SshServer) -> None:
    server.greet("Welcome to broker!\r\nhello without an end of line")
    with SshChannel(server.host(become=True)) as channel:
        for _ in range(2):
            result = channel.run(["sh", "-c", "printf 'no end of line'; printf x >&2"])
            assert (result.stdout, result.stderr, result.rc) == ("no end of line", "x", 0)
        channel.run(["sh", "-c", "(sleep 0.2; echo late; echo late >&2) &"])
        result = channel.run(["sh", "-c", "sleep 1; echo mine"])
        assert "mine" in result.stdout


def test_a_command_that_does_not_end_is_given_up(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        channel.run(["true"])
        began = time.monotonic()
        with pytest.raises(CommandTimeoutError, match=r"broker: `sleep 300` did not end in time"):
            channel.run(["sleep", "300"], timeout=0.5)
        assert time.monotonic() - began < 200
        assert channel.run(["echo", "still here"]).stdout == "still here\n"


def test_a_host_that_freezes_is_given_up(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        channel.run(["true"])
        server.awake.clear()
        with pytest.raises(CommandTimeoutError):
            channel.run(["true"], timeout=1)
        server.awake.set()


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


def test_a_host_that_says_nothing_is_given_up(server: SshServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        host = Host("mute", "127.0.0.1", mute.getsockname()[1], "ops")
        began = time.monotonic()
        with pytest.raises(HostUnreachableError):
            SshChannel(host).connect(timeout=1)
    assert time.monotonic() - began < 100


IGNORED = b"\x02" + struct.pack(">I", 30_000) + b"x" * 30_000
"""SSH_MSG_IGNORE, which may come at any time."""


@pytest.mark.parametrize(
    ("greeting", "flood"),
    [
        (b"", b"x" * 65_536),
        (b"SSH-2.0-x\r\n" + struct.pack(">IB", 2**32 - 108, 4), b"\0" * 65_536),
        (b"SSH-2.0-x\r\n", struct.pack(">IB", len(IGNORED) + 7, 6) + IGNORED + b"\0" * 6),
    ],
    ids=["a line", "a packet", "packets"],
)
def test_a_host_that_floods_before_a_login_is_given_up_at_once(
    greeting: bytes, flood: bytes
) -> None:
    sent = 0

    def serve(listening: socket.socket) -> None:
        nonlocal sent
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(greeting)
            while True:
                sent += connection.send(flood)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = Host("flood", "127.0.0.1", listening.getsockname()[1], "ops")
        flooding = threading.Thread(target=serve, args=(listening,))
        flooding.start()
        with pytest.raises(HostUnreachableError, match=r"it sends (a packet|more than 1 MiB)"):
            SshChannel(host).connect(timeout=PATIENCE)
        flooding.join(PATIENCE)
    assert sent < 32 * 1024**2  # with what the kernel holds


def test_a_cut_session_is_made_anew(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        channel.run(["true"])
        server.drop_connections()
        wait_until(lambda: not channel.connected, "the cut is noticed")
        assert channel.run(["echo", "again"]).stdout == "again\n"


def test_a_connection_that_breaks_during_a_command_is_said_so(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        channel.run(["true"])
        threading.Timer(3, server.drop_connections).start()
        with pytest.raises(HostUnreachableError, match="the connection broke during `sleep 20`"):
            channel.run(["sleep", "20"], timeout=100)


def test_threads_share_one_session(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        said: list[str] = []
        threads = [
            threading.Thread(target=lambda n=n: said.append(channel.run(["echo", str(n)]).stdout))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(said) == [f"{n}\n" for n in range(8)]


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


def test_a_proxy_command_is_gone_through_and_speaks_in_errors(
    server: SshServer, tmp_path: Path
) -> None:
    program = (
        "import os,socket,sys,threading as t; s=socket.create_connection(sys.argv[1:]);"
        "t.Thread(target=lambda:[s.sendall(d) for d in iter(lambda:os.read(0,9999),b'')],"
        "daemon=True).start();[os.write(1,d) for d in iter(lambda:s.recv(9999),b'')]"
    )
    script = tmp_path / "proxy.py"
    script.write_text(program, encoding="utf-8")
    through = f"-o 'ProxyCommand={sys.executable} {script} %h %p 2>/dev/null'"
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


def test_paramiko_does_not_write_on_stderr() -> None:
    """In a process of its own: under pytest, its log handlers would hide the fault."""
    program = """
import socket, threading
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.channel import HostUnreachableError, SshChannel
listener = socket.create_server(("127.0.0.1", 0))
def answer_nonsense():
    connection, _ = listener.accept()
    connection.sendall(b"HTTP/1.0 400 what\\r\\n" * 100)
    connection.close()
threading.Thread(target=answer_nonsense).start()
try:
    SshChannel(Host("odd", "127.0.0.1", listener.getsockname()[1])).connect(timeout=2)
except HostUnreachableError:
    print("unreachable")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("unreachable\n", "")


def test_a_round_trip_starts_nothing_on_the_host_but_the_command(server: SshServer) -> None:
    with SshChannel(server.host()) as channel:
        for _ in range(10):
            channel.run(["true"])
    assert server.commands == ["/bin/sh"]


def test_programs_on_the_way_get_no_secret_that_they_do_not_need(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "planted")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the way")
    asked, passed = tmp_path / "asked", tmp_path / "passed"
    config = tmp_path / "ssh_config"
    config.write_text(
        f'Match exec "env >{asked}"\n  ProxyCommand env >{passed}\n', encoding="utf-8"
    )
    host = dataclasses.replace(server.host(), ssh_arguments=f"-F {config}")
    with pytest.raises(HostUnreachableError):
        SshChannel(host).connect()
    for file in (asked, passed):
        environment = file.read_text(encoding="utf-8")
        assert "of the way" in environment
        assert "planted" not in environment
