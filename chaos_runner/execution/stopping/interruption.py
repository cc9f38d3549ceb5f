"""Turn signals into an orderly end: the run stops early, and the roll-back still happens."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ChaosRunnerError

WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunInterruptedError(ChaosRunnerError):
    """A signal ended the run; hosts are rolled back before this reaches the user."""


class Interruption:
    """The first signal that arrived; it wakes whoever waits.

    A signal never raises inside the code it lands in: roll-back could be that code. Every
    wait of the run goes through `wait`, which ends early.
    """

    def __init__(self) -> None:
        self._arrived = threading.Event()
        self.signal: signal.Signals | None = None
        self.times = 0
        self.untold = ""
        """Why the user could not be told of the last signal, or nothing."""

    def arrived(self) -> bool:
        """Tell whether a signal has come."""
        return self._arrived.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep, and return True at once when a signal comes or has come."""
        return self._arrived.wait(max(0.0, seconds))

    def raise_if_arrived(self) -> None:
        """Raise RunInterruptedError when a signal has come."""
        if self.arrived():
            raise RunInterruptedError(f"interrupted by {self.name}")

    @property
    def name(self) -> str:
        """Return the signal's name, or an empty string."""
        return self.signal.name if self.signal else ""

    @property
    def exit_code(self) -> int:
        """Return 128 + the signal's number, as shells do."""
        return 128 + (self.signal or 0)

    def note(self, number: int) -> None:
        """Record a signal; only the first is remembered, all are counted."""
        self.times += 1
        if self.signal is None:
            self.signal = signal.Signals(number)
        self._arrived.set()


@contextmanager
def watch_signals(on_signal: Callable[[Interruption], None]) -> Iterator[Interruption]:
    """Catch SIGINT, SIGTERM and SIGHUP while the block runs; put the handlers back after it.

    `on_signal` is called at each signal, for telling the user that roll-back goes on. Where it
    fails (on a closed terminal, say), the signal is heard all the same.
    """
    interruption = Interruption()

    def handle(number: int, _frame: FrameType | None) -> None:
        interruption.note(number)
        with Attempt() as attempt:  # what it raised would be raised in the code at work
            on_signal(interruption)
        interruption.untold = attempt.problem

    previous = {number: signal.signal(number, handle) for number in WATCHED}
    try:
        yield interruption
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
