from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest

from chaos_runner.hosts.ssh.channel import (
    HostUnreachableError,
    NotRootError,
    SshChannel,
)
from tests.unit.hosts.ssh_server import SshServer
from tests.waiting import PATIENCE


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
        ("sh: 1: sudo: Permission denied", "sudo gives no shell"),
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


def test_a_root_shell_that_may_start_no_programs_is_told_with_the_way_out(
    server: SshServer,
) -> None:
    server.forbid_programs()
    with SshChannel(server.host(become=True)) as channel:
        with pytest.raises(NotRootError) as caught:
            channel.become_root()
        assert "may start no programs (`noexec`" in caught.value.message
        assert caught.value.hint == "in sudoers: `Defaults!/bin/sh !noexec`"


def test_a_root_shell_that_finds_no_programs_is_no_missing_sudo(server: SshServer) -> None:
    server.hide_programs()
    with SshChannel(server.host(become=True)) as channel:
        with pytest.raises(NotRootError) as caught:
            channel.become_root()
        assert "sudo gives finds no programs (`secure_path`)" in caught.value.message
        assert "secure_path" in caught.value.hint


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
