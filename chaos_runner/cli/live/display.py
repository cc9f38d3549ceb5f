"""Show a run as it happens, on stderr: a live panel on a terminal, one line an event elsewhere.

Showing must never hold up or end what is shown. So a thread of its own does it, to which events
are handed over; a terminal that was stopped makes only that thread wait, and one that was closed
ends only the display.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Literal, NoReturn, Self

from rich.console import Console
from rich.live import Live

from chaos_runner.attempt import Attempt
from chaos_runner.cli.live.panel import render_panel
from chaos_runner.cli.live.state import LiveState
from chaos_runner.closing import Closing
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.journal.events import Event
from chaos_runner.planning.plan import Plan

REFRESH = 0.25
"""Seconds between two pictures of the panel."""
CLOSING_LIMIT = 5.0
"""Seconds for the last lines; a terminal that takes none any more is not waited for."""


class _PipeConsole(Console):
    """A console that raises when nobody reads any more, where rich would end the program."""

    def on_broken_pipe(self) -> NoReturn:
        """Say what happened to whoever prints."""
        raise BrokenPipeError("nobody reads what is shown any more")


class LiveDisplay(Closing):
    """An observer that shows a run's journal; a context manager around the run."""

    def __init__(self, plan: Plan) -> None:
        self._console = _PipeConsole(stderr=True)
        self._state = LiveState(plan)
        # A signal handler may put something in while this thread does: that is safe here alone.
        self._waiting: SimpleQueue[Event | str | Literal[False]] = SimpleQueue()
        self._next_picture = 0.0
        self._thread = threading.Thread(target=self._work, name="display", daemon=True)
        self.problem = ""
        """Why nothing is shown any more, or nothing."""

    def __enter__(self) -> Self:
        self._waiting.put(f"[bold]{self._state.title}[/bold]  run {self._state.run}")
        self._thread.start()
        return self

    def close(self) -> None:
        """Show what is still to be shown, and take the panel off the terminal."""
        self._waiting.put(False)
        self._thread.join(CLOSING_LIMIT)

    def observe(self, event: Event) -> None:
        """Take one event, in whichever thread wrote it; it is shown later."""
        if not self.problem:
            self._waiting.put(event)

    def on_signal(self, interruption: Interruption) -> None:
        """Tell that the signal was heard, and that what has to follow is not cut short."""
        first = interruption.times == 1
        if self._state.hosts:
            what = "the hosts are being put back" if first else "still putting the hosts back"
        else:
            what = "the records on their way are being counted"
        text = f"{interruption.name}: ending early; {what}"
        text = text if first else f"{what}; this is not cut short"
        self._waiting.put(f"[yellow]{text}[/yellow]")

    def _work(self) -> None:
        with Attempt() as attempt, self._panel() as panel:
            while (shown := self._next(panel)) is not False:
                line = shown if isinstance(shown, str) else self._state.take(shown)
                if line:
                    self._console.print(line, highlight=False)
        self.problem = attempt.problem

    def _next(self, panel: Live) -> Event | str | Literal[False]:
        """Wait for what comes next, and keep the panel fresh meanwhile; without one, just wait."""
        if not self._console.is_terminal:
            return self._waiting.get()
        while True:
            left = self._next_picture - time.monotonic()
            if left > 0:
                with suppress(Empty):
                    return self._waiting.get(timeout=left)
            panel.refresh()
            self._next_picture = time.monotonic() + REFRESH

    @contextmanager
    def _panel(self) -> Iterator[Live]:
        panel = Live(
            console=self._console,
            get_renderable=lambda: render_panel(self._state, time.monotonic()),
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            transient=True,
        )
        if not self._console.is_terminal:
            yield panel
            return
        with panel:
            yield panel
