"""The big stop of the page: once at a time, in a thread of its own, told to all viewers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from chaos_runner.attempt import Attempt
from chaos_runner.live_page.parts.bounded_text import text_of
from chaos_runner.live_page.stop_everything import stop_everything
from chaos_runner.live_page.tailer import Publish

STOP = "stop"
"""The key of the part that shows it."""
MOST_LINES = 100


class Stopper:
    """What stops everything, and how far that has come."""

    def __init__(self, runs_directory: Path, inventory: Sequence[Path], publish: Publish) -> None:
        self._runs_directory = runs_directory
        self._inventory = tuple(inventory)
        self._publish = publish
        self._lock = threading.Lock()
        self._at_work = False
        self._lines: list[str] = []

    def stop(self, reason: str) -> bool:
        """Begin to stop everything; return False where that goes on already."""
        with self._lock:
            if self._at_work:
                return False
            self._at_work, self._lines = True, []
        # No daemon: a server that ends waits until everything is stopped.
        threading.Thread(target=self._work, args=(reason,), name="stop").start()
        return True

    def _work(self, reason: str) -> None:
        code = -1
        with Attempt() as attempt:
            code = stop_everything(self._runs_directory, self._inventory, reason, self._say)
        if attempt.error is not None:
            self._say(str(attempt.error))
        with self._lock:
            self._at_work = False
        self._show("clean" if code == 0 else "not clean")

    def _say(self, text: str) -> None:
        self._lines = [*self._lines, text_of(text)][-MOST_LINES:]
        self._show("at work")

    def _show(self, state: Literal["at work", "clean", "not clean"]) -> None:
        self._publish(STOP, {"kind": "stop", "state": state, "lines": self._lines})
