"""End a question that takes too long, or that nobody waits for any more."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chaos_runner.closing import Closing


class Cutoff(Closing):
    """The time that one question may take; whoever asks says how it is ended before its end."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.late = False
        """Whether the time was over before the answer was there."""
        self._lock = threading.Lock()
        self._over = False
        self._end: Callable[[], None] | None = None
        self._timer = threading.Timer(seconds, self._be_late)
        self._timer.daemon = True
        self._timer.start()

    def ends_by(self, end: Callable[[], None]) -> None:
        """Say how the question is ended; it is at once where it should have ended already."""
        with self._lock:
            self._end = end
            if self._over:
                end()

    def cut(self) -> None:
        """End the question now."""
        with self._lock:
            self._over = True
            if self._end is not None:
                self._end()

    def close(self) -> None:
        """Be no longer in the way of anything: the answer is there."""
        self._timer.cancel()
        with self._lock:
            self._end = None

    def _be_late(self) -> None:
        self.late = True
        self.cut()
