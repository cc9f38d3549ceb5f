"""A day in a real terminal: aborted and noted from other shells, its terminal closed, resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.gameday.events import (
    LONGEST_TEXT,
    AnyGameDayEvent,
    DayStopped,
    Decided,
    Noted,
    RunBegan,
    RunEnded,
)
from chaos_runner.gameday.journal import find_day, read_day, write
from chaos_runner.gameday.walk_lock import signal_walker, walk_lock, walker_of
from chaos_runner.operations.gameday import remarks
from chaos_runner.operations.gameday.walk import OpenDay, start_day
from tests.terminals import TerminalOf
from tests.unit.gameday.days import loaded_day, written_day
from tests.waiting import PATIENCE, wait_until

PROGRAM = Path(__file__).parent / "gameday_program.py"
Shell = Callable[..., TerminalOf]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Start programs in terminals of their own, and end them."""
    started: list[TerminalOf] = []

    def start(*arguments: str) -> TerminalOf:
        command = [sys.executable, str(PROGRAM), "gameday", *arguments]
        started.append(TerminalOf([*command, "--runs", str(tmp_path / "runs")]))
        return started[-1]

    yield start
    for each in started:
        each.close()
        each.process.kill()
        each.process.wait(PATIENCE)


def events_in(runs: Path) -> tuple[AnyGameDayEvent, ...]:
    try:
        return read_day(find_day(None, runs)).events
    except UsageError:
        return ()


def waiting_for(runs: Path, kind: type[AnyGameDayEvent], number: int = 1) -> None:
    wait_until(
        lambda: sum(isinstance(each, kind) for each in events_in(runs)) >= number,
        f"{number} {kind.__name__}",
    )


def test_a_day_with_an_abort_notes_and_a_closed_terminal(tmp_path: Path, shell: Shell) -> None:
    runs = tmp_path / "runs"
    first = shell("run", str(written_day(tmp_path)))
    for text in ("go", "", "go"):
        first.type(text)
    waiting_for(runs, RunBegan)
    path = find_day(None, runs)
    remarks.note(path, "pager rang")
    remarks.noticed(path, "alert Down")
    assert remarks.abort(path, "too much", "Anna") == (
        "the run run-2 ends now, and takes its faults back"
    )
    waiting_for(runs, RunEnded)
    [ended] = [each for each in events_in(runs) if isinstance(each, RunEnded)]
    assert (ended.exit_code, ended.reasons) == (143, ["interrupted by SIGTERM"])

    for text in ("go", "go"):
        first.type(text)
    waiting_for(runs, RunBegan, 2)
    first.close()
    waiting_for(runs, DayStopped)
    first.process.wait(PATIENCE)
    hung_up = [each for each in events_in(runs) if isinstance(each, RunEnded)][1]
    assert hung_up.exit_code == 129

    second = shell("resume")
    for text in ("go", ""):
        second.type(text)
    wait_until(lambda: read_day(path).is_finished, "the end of the day")


def test_a_terminal_closed_at_a_question_stops_the_day_in_order(
    tmp_path: Path, shell: Shell
) -> None:
    runs = tmp_path / "runs"
    first = shell("run", str(written_day(tmp_path)))
    first.type("no-go")
    waiting_for(runs, Decided)
    first.close()
    waiting_for(runs, DayStopped)
    first.process.wait(PATIENCE)
    [stopped] = [each for each in events_in(runs) if isinstance(each, DayStopped)]
    assert stopped.reason == "nobody answered any more"


def test_a_killed_walk_is_resumed_and_nobody_else_is_signalled(
    tmp_path: Path, shell: Shell
) -> None:
    runs = tmp_path / "runs"
    first = shell("run", str(written_day(tmp_path)))
    for text in ("no-go", "go"):
        first.type(text)
    waiting_for(runs, RunBegan)
    path = find_day(None, runs)
    assert walker_of(path.parent) == first.process.pid
    busy = shell("resume")
    assert busy.process.wait(PATIENCE) == RefusedError.exit_code
    first.process.kill()
    first.process.wait(PATIENCE)
    with pytest.raises(RefusedError, match="the run run-2 has no end"):
        remarks.abort(path)
    second = shell("resume")
    second.type("stop")
    waiting_for(runs, DayStopped)
    assert second.process.wait(PATIENCE) == 0  # the stand-in kept no journal, so no run began


@pytest.fixture
def day(tmp_path: Path) -> OpenDay:
    """Begin a day that nobody walks through."""
    return start_day(loaded_day(tmp_path), tmp_path / "runs", rehearsal=False)


def test_an_abort_without_a_run_is_written_down_for_the_next_question(day: OpenDay) -> None:
    assert "no experiment is running" in remarks.abort(day.path, "a call", "Anna")
    aborted = day.progress.aborted
    assert aborted is not None
    assert (aborted.who, aborted.reason) == ("Anna", "a call")


def test_a_lock_that_nobody_holds_leads_to_nobody(day: OpenDay) -> None:
    directory = day.path.parent
    assert (walker_of(directory), signal_walker(directory, signal.SIGTERM)) == (None, False)
    with walk_lock(directory):
        pass
    (directory / "walk.lock").write_text(str(os.getpid()))
    assert not signal_walker(directory, signal.SIGTERM)


def test_a_link_to_what_another_process_has_locked_leads_to_nobody(
    day: OpenDay, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    script = (
        "from pathlib import Path; import sys; from chaos_runner.gameday.walk_lock import walk_lock"
        "\nwith walk_lock(Path(sys.argv[1])): print('locked', flush=True); input()"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "other")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"locked\n"
        assert walker_of(tmp_path / "other") == other.pid
        lock = day.path.parent / "walk.lock"
        lock.unlink(missing_ok=True)
        lock.symlink_to(tmp_path / "other" / "walk.lock")
        assert not signal_walker(day.path.parent, signal.SIGTERM)
        other.communicate(b"\n")
    assert other.returncode == 0


@pytest.mark.parametrize(
    ("kind", "options"),
    [("note", {}), ("finding", {"finding": True}), ("to do", {"to_do": True})],
)
def test_a_note_is_of_a_kind(kind: str, options: dict[str, bool], day: OpenDay) -> None:
    chosen = remarks.kind_of(**{"finding": False, "to_do": False, **options})
    remarks.note(day.path, os.fsdecode(b"pager \xff"), chosen)
    [noted] = [each for each in read_day(day.path).events if isinstance(each, Noted)]
    assert (noted.kind, noted.text) == (kind, "pager \\udcff")


def test_what_is_too_long_is_refused(day: OpenDay) -> None:
    with pytest.raises(UsageError, match="2000 is the most"):
        remarks.note(day.path, "x" * (LONGEST_TEXT + 1))
    assert len(read_day(day.path).events) == 1


def test_an_abort_that_cannot_be_written_down_is_still_sent(
    day: OpenDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(day.path, RunBegan(item=2, run="r1"))
    sent: list[Path] = []

    def full(*_: object) -> None:
        raise UsageError("no space left")

    def send(directory: Path, _: signal.Signals) -> bool:
        sent.append(directory)
        return True

    monkeypatch.setattr(remarks, "write", full)
    monkeypatch.setattr(remarks, "signal_walker", send)
    assert "that is not written down: no space left" in remarks.abort(day.path)
    assert sent == [day.path.parent]
