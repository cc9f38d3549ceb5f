"""The program in place of ssh: the same in everything, but that it listens only so long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chaos_runner.hosts.ansible import bounded_ssh
from chaos_runner.hosts.ansible.bounded_programs import bounded_programs

LIMIT = 100_000


def command(script: str) -> list[str]:
    words = [sys.executable, "-I", "-S", bounded_ssh.__file__, str(LIMIT)]
    return [*words, "sh", "-c", script]


def run(script: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(script), input=given, capture_output=True, timeout=300, check=False
    )


def test_what_is_said_and_how_it_ends_is_passed_on() -> None:
    done = run("cat; echo aloud; echo complaint >&2; exit 7", b"\x00given\xff\n")
    assert (done.returncode, done.stdout) == (7, b"\x00given\xff\naloud\n")
    assert done.stderr == b"complaint\n"


def test_all_within_the_limit_comes_through() -> None:
    done = run(f"head -c {LIMIT // 2} /dev/zero; head -c {LIMIT // 2} /dev/zero >&2")
    assert (len(done.stdout), len(done.stderr)) == (LIMIT // 2, LIMIT // 2)
    assert done.returncode == 0


@pytest.mark.parametrize("where", ["", ">&2"])
def test_who_floods_is_ended(where: str) -> None:
    done = run(f"exec yes {where}")
    assert done.returncode == -signal.SIGKILL
    assert len(done.stdout) + len(done.stderr) < LIMIT + 200
    assert done.stderr.splitlines()[-1].decode().startswith(bounded_ssh.TOO_MUCH)


def test_a_signal_reaches_ssh_itself() -> None:
    with subprocess.Popen(command("echo up; exec sleep 300"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.terminate()
        assert process.stdout.read() == b""  # nobody holds it open any longer
        assert process.wait(300) == -signal.SIGTERM


def test_what_ssh_leaves_behind_holds_no_output_open() -> None:
    """A shared connection goes on in the background, with the standard error it was given."""
    with subprocess.Popen(
        command("sleep 300 >/dev/null & echo $!"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        left = int(process.stdout.read())
        try:
            assert process.wait(300) == 0
        finally:
            os.kill(left, signal.SIGKILL)


def test_other_descriptors_are_ssh_s_alone() -> None:
    """A password goes to ssh through one, and whoever sends it waits for its end."""
    reading, writing = os.pipe()
    script = f"exec cat /proc/self/fd/{reading}"
    with subprocess.Popen(command(script), pass_fds=[reading], stdout=subprocess.PIPE) as process:
        os.close(reading)
        os.write(writing, b"password\n")
        os.close(writing)
        assert process.communicate(timeout=300)[0] == b"password\n"


def test_each_ssh_gets_a_program_of_its_own(tmp_path: Path) -> None:
    programs = bounded_programs(tmp_path, {"ssh", "/opt/it's mine/ssh"})
    assert set(programs) == {"ssh", "/opt/it's mine/ssh"}
    done = subprocess.run(
        [programs["ssh"], "-V"], capture_output=True, text=True, timeout=300, check=True
    )
    assert "OpenSSH" in done.stderr
    assert all(Path(file).stat().st_mode & 0o077 == 0 for file in programs.values())


def test_where_nothing_may_be_started_ssh_is_started_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert bounded_programs(tmp_path, {"ssh"}) == {"ssh": "ssh"}
