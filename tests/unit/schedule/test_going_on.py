"""Whether somebody's run or game day is on: the kernel says who holds its lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos_runner.gameday.journal import GAMEDAY_NAME
from chaos_runner.journal.process_lock import RUN_LOCK, hold_lock
from chaos_runner.operations.monkey.going_on import gameday_going_on, run_going_on
from tests.unit.live_page.stand_in import start


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return the directory of a run of which nobody knows the end."""
    directory = tmp_path / "20270601-120000-kabc"
    directory.mkdir()
    (directory / "journal.jsonl").write_text("")
    return directory


def test_a_run_is_on_while_its_process_lives(tmp_path: Path, run: Path) -> None:
    assert run_going_on(tmp_path) == ""
    process = start(run)
    assert run_going_on(tmp_path) == run.name
    process.kill()
    process.communicate()
    assert (run / RUN_LOCK).exists()
    assert run_going_on(tmp_path) == ""


def test_a_pipe_in_the_place_of_a_journal_keeps_nobody_waiting(tmp_path: Path, run: Path) -> None:
    (tmp_path / "20990601-120000-kabc").mkdir()
    os.mkfifo(tmp_path / "20990601-120000-kabc" / "journal.jsonl")
    os.mkfifo(tmp_path / "20990601-120000-kabc" / RUN_LOCK)
    process = start(run)
    assert run_going_on(tmp_path) == run.name
    process.kill()
    process.communicate()


def test_a_run_of_the_own_process_is_no_other(tmp_path: Path, run: Path) -> None:
    with hold_lock(run / RUN_LOCK, "executes this run", ""):
        assert run_going_on(tmp_path) == ""


def test_a_lock_that_is_no_file_is_no_run(tmp_path: Path, run: Path) -> None:
    (run / RUN_LOCK).symlink_to("/dev/zero")
    assert run_going_on(tmp_path) == ""
    (run / RUN_LOCK).unlink()
    (run / RUN_LOCK).mkdir()
    assert run_going_on(tmp_path) == ""


def test_a_game_day_is_on_while_somebody_walks_through_it(tmp_path: Path) -> None:
    day = tmp_path / "20270601-090000-orders"
    day.mkdir()
    (day / GAMEDAY_NAME).write_text("")
    assert gameday_going_on(tmp_path) == ""
    walks = (
        "import sys; from pathlib import Path; from chaos_runner.gameday.walk_lock import walk_lock"
        "\nwith walk_lock(Path(sys.argv[1])): print('on', flush=True); input()"
    )
    command = [sys.executable, "-c", walks, str(day)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "on\n"
        assert gameday_going_on(tmp_path) == day.name
        other.communicate("\n")
    assert gameday_going_on(tmp_path) == ""
