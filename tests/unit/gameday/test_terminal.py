"""What the terminal of a game day shows and asks, and what keeps an experiment from running."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from chaos_runner.cli.gameday.terminal import Executor, Terminal
from chaos_runner.errors import RefusedError
from chaos_runner.execution.phases import Outcome
from chaos_runner.execution.stopping.halt_switch import HaltSwitch, halt_here
from chaos_runner.gameday.events import Aborted, Decision
from chaos_runner.gameday.journal import read_day
from chaos_runner.gameday.load import LoadedItem
from chaos_runner.gameday.progress import Progress
from chaos_runner.operations.fleet import FleetSession
from chaos_runner.operations.gameday import remarks
from chaos_runner.operations.gameday.walk import start_day
from chaos_runner.workspace import state_directory
from tests.unit.gameday.days import loaded_day


@pytest.mark.parametrize(
    ("typed", "decision"),
    [
        ("go\n", "go"),
        ("G\n", "go"),
        ("no-go\n", "no-go"),
        ("n\n", "no-go"),
        ("stop\n", "stop"),
        ("yes\n\nperhaps\ns\n", "stop"),
        ("yes\n", None),
        ("", None),
    ],
)
def test_only_go_no_go_and_stop_are_answers(
    typed: str, decision: Decision | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert Terminal().decide(loaded_day(tmp_path).items[1], Progress()) == decision


def test_expectations_and_an_abort_are_shown_before_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("go\n"))
    progress = Progress(aborted=Aborted(who="Anna", reason="a\x1b[2J call\nall hosts: clean"))
    Terminal().decide(loaded_day(tmp_path).items[1], progress)
    shown = capsys.readouterr().err
    assert "aborted by Anna: a\\x1b[2J call\\nall hosts: clean\n" in shown
    assert "2. experiment: A\n   expected: Leaders move\n" in shown
    assert "   expected to notice first: alert Down\n" in shown


@pytest.mark.parametrize(("typed", "over"), [("\n", True), ("", False)])
def test_an_item_is_over_when_somebody_says_so(
    typed: str, over: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert Terminal().hold(loaded_day(tmp_path).items[0]) is over


def test_no_run_begins_where_the_window_was_closed(tmp_path: Path) -> None:
    terminal = Terminal()

    def execute(entry: LoadedItem, begin: Callable[[str], None]) -> Outcome:
        begin(entry.title)
        raise AssertionError("it began")

    begun: list[str] = []
    entry = loaded_day(tmp_path).items[1]
    with terminal.until_closed():
        os.kill(os.getpid(), signal.SIGHUP)
        with pytest.raises(RefusedError, match="closed before it began"):
            terminal.watched(execute)(entry, begun.append)
    assert begun == []
    assert terminal.decide(entry, Progress()) is None


def test_a_fleet_that_was_halted_since_the_day_began_gets_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    source = tmp_path / "hosts.yml"
    session = SimpleNamespace(inventory=SimpleNamespace(sources=(source,)))
    execute = Executor(cast(FleetSession, session), tmp_path, yes=True, one_channel=False)
    halt_here(HaltSwitch.of(source, "customers call"), state_directory())
    with pytest.raises(RefusedError, match="customers call"):
        execute(loaded_day(tmp_path).items[1], lambda _: None)


def test_what_is_typed_between_items_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    day = start_day(loaded_day(tmp_path), tmp_path / "runs", rehearsal=False)
    terminal = Terminal(lambda line: remarks.typed(day.path, line))
    lines = ("note pager rang", "Noticed alert Down", f"note {'x' * 2001}", "notes", "note", "go")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\nto-do write it up\n\n"))
    assert terminal.decide(day.loaded.items[1], Progress()) == "go"
    assert terminal.hold(day.loaded.items[0])
    written = read_day(day.path).events[1:]
    texts = [
        (each.event, getattr(each, "who", "") or getattr(each, "text", "")) for each in written
    ]
    assert texts == [("noted", "pager rang"), ("noticed", "alert Down"), ("noted", "write it up")]
    shown = capsys.readouterr().err
    assert shown.count("go, no-go or stop?") == len(lines)
    assert "2000 is the most" in shown
