"""The live display replays a journal: every group counts, and what waits is not left out."""

from __future__ import annotations

import os
import pty
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from chaos_runner.cli.live import display as live
from chaos_runner.cli.live.display import LiveDisplay
from chaos_runner.cli.live.panel import render_panel
from chaos_runner.cli.live.state import LiveState
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.journal.events import Event, ProbeBucket
from tests.unit.planning.test_planner import planned
from tests.unit.report import journals, outages
from tests.unit.report.journal_writer import JournalWriter


def replayed(journal: JournalWriter, directory: Path, until: float) -> LiveState:
    """Return the live state after every event up to a moment of the run."""
    state = LiveState(planned(directory, "  - network_partition:\n"))
    for event in journal.events:
        moment = event.bucket.elapsed if isinstance(event, ProbeBucket) else event.elapsed
        if moment <= until:
            state.take(event)
    return state


def shown(state: LiveState) -> str:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(render_panel(state, time.monotonic()))
    return capture.get()


def test_every_group_counts(tmp_path: Path) -> None:
    state = replayed(outages.outage(), tmp_path, until=36.0)
    assert state.count("scheduled") == 30 * 100
    assert state.count("acked") == 29 * 100 + 75


def test_the_group_that_is_cut_off_shows_while_it_is(tmp_path: Path) -> None:
    text = shown(replayed(outages.outage(), tmp_path, until=40.0))
    assert "led by a target 0 %  replicated on a target 100 %  control group 100 %" in text
    assert "p99 > 7.99 s" in text


def test_a_journal_without_groups_has_no_row_of_them(tmp_path: Path) -> None:
    state = replayed(journals.held(), tmp_path, until=40.0)
    text = shown(state)
    assert state.availability_now() == {}
    assert "acked" not in text
    assert "p99 " in text


def test_before_the_first_second_there_is_no_latency(tmp_path: Path) -> None:
    state = replayed(journals.held(), tmp_path, until=5.0)
    assert state.latency_now() == (None, None)
    assert "p50 —  p99 —" in shown(state)


@contextmanager
def display_on(fd: int, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveDisplay]:
    """Give a display that shows on a descriptor in place of stderr; the descriptor is closed."""
    stream = os.fdopen(fd, "w", encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", stream)
    try:
        yield LiveDisplay(planned(directory, "  - network_partition:\n"))
    finally:
        # What the stream could not write must go nowhere, and not to whom the number is given next.
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), fd)
        stream.close()


def events() -> list[Event]:
    return outages.outage().events


def test_a_pipe_that_nobody_reads_ends_the_display_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with display_on(writing, tmp_path, monkeypatch) as display:
        with display:
            for event in events():
                display.observe(event)
        assert "BrokenPipeError" in display.problem


def test_a_terminal_that_takes_no_more_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = pty.openpty()  # nobody reads it, so that it is full after some kilobytes
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(live, "CLOSING_LIMIT", 0.1)
    with display_on(writing, tmp_path, monkeypatch) as display:
        display.__enter__()
        interruption = Interruption()
        interruption.note(signal.SIGINT)
        for event in events() * 20:
            display.observe(event)
            display.on_signal(interruption)
        display.close()
        assert display.problem == ""
        assert display._thread.is_alive()  # it waits for the terminal, and nobody waits for it
        os.close(reading)
        display._thread.join(60)
        assert not display._thread.is_alive()
