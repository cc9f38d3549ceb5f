"""What the control node knows of one host's lease."""

from __future__ import annotations

import threading
from collections.abc import Collection


class Lease:
    """Which faults a host is known to have, and when it was last heard of.

    Moments are those of `time.monotonic()`. Threads may use it at the same time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._confirmed: frozenset[str] = frozenset()
        self._heard: float | None = None
        self._silent = False
        self.failed = ""
        """Why the last renewal that failed has failed."""

    @property
    def confirmed(self) -> frozenset[str]:
        """Return the faults that the host has said to have."""
        return self._confirmed

    def confirm(self, fault: str, now: float, released: Collection[str] = ()) -> None:
        """Note that the fault is on; its first lease began no later than now.

        Faults that are `released` already have no lease any more that could be over.
        """
        with self._lock:
            if self._heard is None or not self._confirmed.difference(released):
                self._heard = now
            self._confirmed |= {fault}

    def heard(self, faults: Collection[str], now: float) -> None:
        """Note that the lease of these faults was renewed, no later than now."""
        with self._lock:
            self._confirmed |= frozenset(faults)
            self._heard = now
            self._silent, self.failed = False, ""

    def begin_silence(self) -> bool:
        """Note a renewal that failed; tell whether it is the first after one that did not."""
        with self._lock:
            first, self._silent = not self._silent, True
            return first

    def is_over(self, released: Collection[str], now: float) -> bool:
        """Tell whether the lease of a fault that is still wanted must have ended by now."""
        with self._lock:
            wanted = self._confirmed.difference(released)
            return bool(wanted) and self._heard is not None and now > self._heard + self._seconds
