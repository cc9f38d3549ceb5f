"""Renewals on their way into the journal: those of many hosts make one event."""

from __future__ import annotations

import threading
import time

from chaos_runner.journal.events import LeaseRenewed
from chaos_runner.journal.journal import Journal

LONGEST = 5.0
"""Seconds for which a renewal waits for others: 500 hosts write 17,000 lines a day, not a million.
"""
SHARE_OF_LEASE = 10
"""A tenth of a lease at most: one host alone is renewed three times a lease, and written at once.
"""


class RenewalRecord:
    """The hosts that were renewed, many in one event; threads may use it at the same time."""

    def __init__(self, journal: Journal, lease: int) -> None:
        self._journal = journal
        self._lease = lease
        self._gap = min(LONGEST, lease / SHARE_OF_LEASE)
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._written = -self._gap

    def note(self, host: str) -> None:
        """Note a renewal, and write it with those before it when the last event is old enough."""
        with self._lock:
            self._waiting.append(host)
            if time.monotonic() - self._written >= self._gap:
                self._write()

    def close(self) -> None:
        """Write what waits."""
        with self._lock:
            if self._waiting:
                self._write()

    def _write(self) -> None:
        hosts, self._waiting = self._waiting, []
        self._written = time.monotonic()
        self._journal.write(LeaseRenewed(hosts=hosts, lease=self._lease))
