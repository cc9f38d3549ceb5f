"""Whether somebody's run is on: by its journal and the process that writes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chaos_runner.gameday.journal import GAMEDAY_NAME
from chaos_runner.operations.monkey.going_on import gameday_going_on, run_going_on


@pytest.fixture
def process() -> Iterator[int]:
    """Return the process of somebody else, who does nothing."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        yield other.pid
        other.communicate(b"\n")


def write(runs: Path, process: object, *, ended: bool = False, at: str = "") -> None:
    directory = runs / "20270601-120000-kabc"
    directory.mkdir()
    began = at or datetime.now(UTC).isoformat()
    lines = [{"event": "run_started", "at": began, "process": process}]
    if ended:
        lines.append({"event": "run_finished", "at": began})
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    (directory / "journal.jsonl").write_text(text)


def test_a_run_is_on_while_its_process_lives(tmp_path: Path, process: int) -> None:
    assert run_going_on(tmp_path) == ""
    write(tmp_path, process)
    assert run_going_on(tmp_path) == "20270601-120000-kabc"


def test_a_run_that_ended_is_not_on(tmp_path: Path, process: int) -> None:
    write(tmp_path, process, ended=True)
    assert run_going_on(tmp_path) == ""


def test_a_process_that_is_younger_than_the_journal_is_another_one(
    tmp_path: Path, process: int
) -> None:
    write(tmp_path, process, at=(datetime.now(UTC) - timedelta(hours=1)).isoformat())
    assert run_going_on(tmp_path) == ""


def test_a_pipe_in_the_place_of_a_journal_keeps_nobody_waiting(
    tmp_path: Path, process: int
) -> None:
    write(tmp_path, process)
    (tmp_path / "20990601-120000-kabc").mkdir()
    os.mkfifo(tmp_path / "20990601-120000-kabc" / "journal.jsonl")
    assert run_going_on(tmp_path) == "20270601-120000-kabc"


@pytest.mark.parametrize("number", ["own", 2**22 + 7, -1, "x", None, 10**30])
def test_nobody_else_is_no_run(tmp_path: Path, number: object) -> None:
    write(tmp_path, os.getpid() if number == "own" else number)
    assert run_going_on(tmp_path) == ""


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"[1]\n", b'{"process": 1}\n', b"{"])
def test_a_hostile_journal_is_no_run(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, 1)
    (tmp_path / "20270601-120000-kabc" / "journal.jsonl").write_bytes(content)
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
