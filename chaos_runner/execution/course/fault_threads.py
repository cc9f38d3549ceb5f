"""Threads that put faults on, or take them back, while the other faults of a run go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.threads.background import Background


class FaultThreads:
    """The threads of one run, each for one fault."""

    def __init__(self) -> None:
        self.connections: FleetRescue | None = None
        """Open connections for taking single faults back; those of the roll-back stay free."""
        self._lending = threading.Lock()
        self._injections: list[Background] = []
        self._endings: list[Background] = []

    @contextmanager
    def lent_connections(self) -> Iterator[FleetRescue | None]:
        """Lend the connections for taking a fault back, to one at a time; else None."""
        mine = self._lending.acquire(blocking=False)
        try:
            yield self.connections if mine else None
        finally:
            if mine:
                self._lending.release()

    def begin_injection(self, injection: Callable[[], None]) -> None:
        """Put a fault on in a thread of its own."""
        self._injections.append(_started("inject-fault", injection))

    def begin_ending(self, ending: Callable[[], None]) -> None:
        """Take a fault back in a thread of its own."""
        self._endings.append(_started("end-fault", ending))

    def check(self) -> None:
        """Raise what putting a fault on, or taking one back, has failed with."""
        for thread in (*self._injections, *self._endings):
            thread.check()

    def await_injections(self, limit: float) -> None:
        """Wait until nobody puts a fault on any more, at most `limit` seconds."""
        deadline = time.monotonic() + limit
        for thread in self._injections:
            thread.join(max(0.0, deadline - time.monotonic()))

    def await_endings(self) -> None:
        """Wait until nobody takes a single fault back any more; raise what one failed with."""
        for thread in self._endings:
            thread.join()
        for thread in self._endings:
            thread.check()


def _started(name: str, work: Callable[[], None]) -> Background:
    thread = Background(name, work)
    thread.start()
    return thread
