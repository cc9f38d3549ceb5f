"""Show a run as it happens, on stderr: a live panel on a terminal, one line an event elsewhere."""

from __future__ import annotations

import time
from typing import Self

from rich.console import Console
from rich.live import Live

from chaos_runner.cli.live_panel import render_panel
from chaos_runner.cli.live_state import LiveState
from chaos_runner.closing import Closing
from chaos_runner.run.events import Event
from chaos_runner.run.interruption import Interruption
from chaos_runner.run.plan import Plan


class LiveDisplay(Closing):
    """Observe a run's journal and show it; a context manager around the run."""

    def __init__(self, plan: Plan) -> None:
        self._console = Console(stderr=True)
        self._state = LiveState(plan)
        self._live = Live(
            console=self._console,
            get_renderable=lambda: render_panel(self._state, time.monotonic()),
            refresh_per_second=4,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._console.print(f"[bold]{self._state.title}[/bold]  run {self._state.run}")
        if self._console.is_terminal:
            self._live.start()
        return self

    def close(self) -> None:
        """Take the panel off the terminal."""
        if self._console.is_terminal:
            self._live.stop()

    def observe(self, event: Event) -> None:
        """Take one event; called in whichever thread wrote it."""
        line = self._state.take(event)
        if line:
            self._console.print(line, highlight=False)

    def on_signal(self, interruption: Interruption) -> None:
        """Tell that the signal was heard, and that what has to follow is not cut short."""
        first = interruption.times == 1
        if self._state.hosts:
            what = "the hosts are being put back" if first else "still putting the hosts back"
        else:
            what = "the records on their way are being counted"
        text = f"{interruption.name}: ending early; {what}"
        text = text if first else f"{what}; this is not cut short"
        self._console.print(f"[yellow]{text}[/yellow]")
