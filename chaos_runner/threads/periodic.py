"""Questions that may take long, asked again and again where nobody has to wait for the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

from chaos_runner.threads.background import Background


class Repeated:
    """`work` done every so many seconds in a thread of its own, until told to stop."""

    def __init__(self, name: str, every: float, work: Callable[[], None]) -> None:
        self._every = every
        self._work = work
        self._ended = Event()
        self._thread = Background(name, self._work_on)

    def start(self) -> None:
        """Begin at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; work under way still takes its time."""
        self._ended.set()

    def check(self) -> None:
        """Raise in the calling thread what the work raised, if it raised."""
        self._thread.check()

    def _work_on(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            self._work()
            self._ended.wait(max(0.0, began + self._every - time.monotonic()))
