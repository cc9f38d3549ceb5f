"""The stop: runs are told to end through the kernel, then `halt` is called, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError
from chaos_runner.execution.stopping.halt_switch import refuse_if_down
from chaos_runner.journal.process_lock import RUN_LOCK, hold_lock, holder_of, runs_on, signal_holder
from chaos_runner.live_page.followed import FollowedRun
from chaos_runner.live_page.stop import Stopper
from chaos_runner.live_page.stop_everything import stop_everything
from chaos_runner.workspace import state_directory
from tests.live_server import put
from tests.unit.live_page.stand_in import Start, start
from tests.unit.report import journals
from tests.waiting import PATIENCE, wait_until


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return state_directory()


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Write an inventory without hosts: `halt` has nobody to ask, and says so."""
    file = tmp_path / "hosts"
    file.write_text("")
    return file


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return put(tmp_path / "runs", journals.killed()).parent


@pytest.fixture
def run(directory: Path) -> Iterator[Start]:
    process = start(directory)
    yield process
    process.kill()
    process.communicate()


def test_the_kernel_says_who_executes_a_run(directory: Path, run: Start) -> None:
    assert runs_on(directory.parent) == {directory.name: directory}
    assert holder_of(directory / RUN_LOCK) == run.pid
    followed = FollowedRun(directory)
    followed.look()
    assert followed.part()["on"] is True
    with pytest.raises(RefusedError, match=f"process {run.pid} executes this run already"):
        hold_lock(directory / RUN_LOCK, "executes this run", "").__enter__()
    run.kill()
    run.wait()
    assert followed.look()
    assert followed.part()["on"] is False
    assert not signal_holder(directory / RUN_LOCK, signal.SIGTERM)


def test_a_lock_for_reading_or_under_another_name_makes_nobody_its_holder(
    directory: Path, run: Start
) -> None:
    another = directory.parent / "another"
    another.mkdir()
    os.link(directory / RUN_LOCK, another / RUN_LOCK)
    assert holder_of(another / RUN_LOCK) is None
    (another / RUN_LOCK).unlink()
    assert holder_of(directory / RUN_LOCK) == run.pid
    lock = another / RUN_LOCK
    lock.touch()
    with _reading(lock) as reader:
        assert holder_of(lock) is None
        assert not signal_holder(lock, signal.SIGTERM)
        with hold_lock(lock, "x", ""):
            assert holder_of(lock) != reader.pid


@contextmanager
def _reading(lock: Path) -> Iterator[Start]:
    program = (
        "import fcntl, sys\n"
        "with open(sys.argv[1]) as file:\n"
        "    fcntl.lockf(file, fcntl.LOCK_SH)\n"
        "    print(flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.communicate()


def test_a_stop_halts_ends_the_run_and_calls_halt(
    directory: Path, run: Start, inventory: Path, state: Path
) -> None:
    said: list[str] = []
    code = stop_everything(directory.parent, [inventory], "enough", said.append, PATIENCE)
    assert run.stdout is not None
    assert run.stdout.readline() == "SIGTERM 1\n"
    assert said[:2] == [
        "no run starts here any more, until `chaos-runner resume`",
        f"{directory.name}: told to end; it takes its faults back",
    ]
    assert f"{directory.name}: over" in said
    with pytest.raises(RefusedError, match="enough"):
        refuse_if_down(inventory, state)
    assert code != 0  # `halt` had no host to ask
    assert said[-1] == f"`halt` ended with exit code {code}: not everything is known to be clean"


def test_no_character_of_a_reason_keeps_halt_from_being_called(
    directory: Path, inventory: Path
) -> None:
    said: list[str] = []
    code = stop_everything(directory.parent, [inventory], "--help \0 \x1b[2J", said.append)
    assert said[-1].startswith(f"`halt` ended with exit code {code}")


def test_a_run_that_does_not_end_keeps_halt_from_nothing(directory: Path, inventory: Path) -> None:
    process = start(directory, "stuck")
    said: list[str] = []
    try:
        stop_everything(directory.parent, [inventory], "enough", said.append, patience=1.0)
    finally:
        process.kill()
        process.communicate()
    assert f"{directory.name}: still at work after 1 s; `halt` takes its faults back" in str(said)
    assert "`halt` ended with exit code" in said[-1]


def test_what_is_said_goes_to_all_viewers_once_at_a_time(
    directory: Path, run: Start, inventory: Path
) -> None:
    shown: list[dict[str, object]] = []

    def publish(key: str, part: dict[str, object] | None) -> None:
        assert key == "stop"
        assert part is not None
        shown.append(part)

    stopper = Stopper(directory.parent, [inventory], publish)
    assert stopper.stop("one")
    assert not stopper.stop("other")
    wait_until(lambda: bool(shown) and shown[-1]["state"] != "at work", "the end of the stop")
    assert shown[0]["state"] == "at work"
    assert shown[-1]["state"] == "not clean"
    assert "exit code" in str(shown[-1]["lines"])
    assert stopper.stop("again")
    wait_until(lambda: shown[-1]["state"] != "at work", "the end of the other stop")
