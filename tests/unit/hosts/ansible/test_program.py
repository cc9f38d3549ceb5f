"""Programs of Ansible's end with everything they started."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.hosts.ansible.program import ProgramTimeoutError, run_program
from tests.waiting import wait_until


def test_what_it_says_and_how_it_ends() -> None:
    done = run_program(["sh", "-c", "echo out; echo error >&2; exit 3"], dict(os.environ), 60)
    assert (done.status, done.stdout, done.stderr) == (3, "out\n", "error\n")


@pytest.mark.parametrize("session", ["", "setsid "], ids=["its session", "a worker's own"])
def test_nothing_of_it_stays_when_the_wait_ends(tmp_path: Path, session: str) -> None:
    script = f"{session}sleep 600 & echo $! > {tmp_path}/child; wait"
    with pytest.raises(ProgramTimeoutError, match="sh did not answer within 2 s"):
        run_program(["sh", "-c", script], dict(os.environ), 2)
    child = int((tmp_path / "child").read_text())
    wait_until(lambda: not _alive(child), "the child ends, too")


def test_an_agent_that_it_starts_stays_where_it_ends_by_itself() -> None:
    script = (
        "setsid sleep 600 </dev/null >/dev/null 2>&1 & "
        "until [ $(ps -o sid= -p $!) = $! ]; do sleep 0.1; done; echo $!"
    )
    agent = int(run_program(["sh", "-c", script], dict(os.environ), 60).stdout)
    assert _alive(agent)
    os.kill(agent, signal.SIGKILL)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(ChaosRunnerError, match="no-such-program is neither beside this Python"):
        run_program(["no-such-program"], dict(os.environ), 5)


def _alive(process: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_a_program_that_prints_without_end_is_given_up() -> None:
    with pytest.raises(ChaosRunnerError, match="yes prints more than 128 MiB"):
        run_program(["yes"], dict(os.environ), 300)
