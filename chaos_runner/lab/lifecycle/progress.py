"""Show on stderr what a lab is doing, for how long, and what it waits for."""

from __future__ import annotations

import threading
import time
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from chaos_runner.closing import Closing


class Progress(Closing):
    """A live table on a terminal, and one line a step elsewhere.

    Use it as a context manager and pass `tell` to the lab; it may be called from any thread.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._started = time.monotonic()
        self._steps: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._live = Live(console=self._console, get_renderable=self._table, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def close(self) -> None:
        """Take the live table off the terminal."""
        self._live.stop()

    @property
    def elapsed(self) -> float:
        """Return the seconds since the progress was made."""
        return time.monotonic() - self._started

    def tell(self, who: str, what: str) -> None:
        """Take note that `who` (a host, or the lab as a whole) now does `what`."""
        with self._lock:
            self._steps[who] = (what, self.elapsed)
        if not self._console.is_terminal:
            self._console.print(f"{self.elapsed:6.1f} s  {who}: {what}", highlight=False)

    def _table(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        with self._lock:
            steps = dict(self._steps)
        for who, (what, since) in steps.items():
            done = what == "ready"
            state = f"{what} at {since:.0f} s" if done else f"{what} ({self.elapsed - since:.0f} s)"
            table.add_row("[green]✓" if done else Spinner("dots"), who, state)
        return table
