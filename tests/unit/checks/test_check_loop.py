"""A check's command: what it says, how it is ended, and that nothing of it is left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_runner.checks.check_loop import CheckLoop, close_all
from chaos_runner.experiment.steady_state import Safeguard
from chaos_runner.verdict.answer import Answered
from chaos_runner.wording.safeguards import seen_words

PATIENCE = 30.0
"""Seconds for what happens in a moment on a quiet machine."""


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def loop(directory: Path, **written: object) -> CheckLoop:
    safeguard = Safeguard.model_validate(written)
    assert safeguard.chosen_check is not None
    return CheckLoop(safeguard.chosen_check, safeguard.every, safeguard.patience, directory)


def first_result(directory: Path, *command: str, timeout: str = "20s") -> Answered:
    running = loop(directory, command=list(command), timeout=timeout, interval="1h")
    running.start()
    wait_for(lambda: bool(running.answers()))
    close_all([running])
    return running.answers()[0]


@pytest.mark.parametrize(
    ("script", "succeeded", "text"),
    [
        ("exit 0", True, "exit code 0"),
        ("echo well; exit 0", True, "exit code 0: well"),
        ("echo one; echo the queue is full >&2; echo; exit 3", False, "exit code 3: the queue is "),
        ("kill -TERM $$", False, "ended by signal 15"),
        ("printf 'a\\033[31mb'; exit 1", False, "exit code 1: a\\x1b[31mb"),
    ],
)
def test_what_a_command_says(tmp_path: Path, script: str, succeeded: bool, text: str) -> None:
    result = first_result(tmp_path, "sh", "-c", script)
    assert result.answer.succeeded == succeeded
    assert seen_words(result.answer).startswith(text)


def test_it_runs_beside_the_experiment_and_without_a_shell(tmp_path: Path) -> None:
    script = tmp_path / "check.sh"
    script.write_text('#!/bin/sh\npwd\necho "$1"\nexit 1\n')
    script.chmod(0o755)
    assert (
        seen_words(first_result(tmp_path, "./check.sh", "$(id); *").answer)
        == "exit code 1: $(id); *"
    )


def test_one_that_cannot_be_started_counts_as_failing(tmp_path: Path) -> None:
    result = first_result(tmp_path, "./nowhere.sh")
    assert not result.answer.succeeded
    assert seen_words(result.answer) == "cannot be started: No such file or directory"


def test_one_that_does_not_end_is_killed_with_all_it_started(tmp_path: Path) -> None:
    children = tmp_path / "child"
    script = f"sleep 600 & echo $! > {children}; echo waiting; sleep 600"
    result = first_result(tmp_path, "sh", "-c", script, timeout="500ms")
    assert not result.answer.succeeded
    assert seen_words(result.answer) == "no end within 500ms: waiting"
    wait_for(lambda: not running(int(children.read_text())))


def test_what_a_command_leaves_in_the_background_ends_with_it(tmp_path: Path) -> None:
    children = tmp_path / "child"
    script = f"sleep 600 >/dev/null 2>&1 & echo $! > {children}; exit 0"
    assert first_result(tmp_path, "sh", "-c", script).answer.succeeded
    wait_for(lambda: not running(int(children.read_text())))


def test_a_flood_of_output_is_read_and_not_kept(tmp_path: Path) -> None:
    flood = "head -c 20000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 1"
    assert seen_words(first_result(tmp_path, "sh", "-c", flood).answer) == "exit code 1: the end"


def test_stopping_ends_a_run_under_way_and_records_nothing(tmp_path: Path) -> None:
    started = tmp_path / "started"
    command = loop(tmp_path, command=["sh", "-c", f"echo $$ > {started}; sleep 600"])
    command.start()
    wait_for(lambda: started.is_file() and started.read_text().strip() != "")
    close_all([command])
    assert command.answers() == []
    assert not running(int(started.read_text()))


def test_it_is_started_again_after_its_interval(tmp_path: Path) -> None:
    command = loop(tmp_path, command=["true"], interval="1s")
    command.start()
    wait_for(lambda: len(command.answers()) >= 2)
    close_all([command])
    first, second = command.answers()[:2]
    assert second.ended - first.ended >= 0.5


def running(process: int) -> bool:
    """Tell whether a process lives; one that only waits to be reaped does not."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"
