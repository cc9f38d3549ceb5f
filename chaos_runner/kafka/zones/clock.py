"""The clock of another machine beside ours, by what it showed between a question and its answer."""

from __future__ import annotations

import math

DRIFT = 1e-3
"""Seconds by which two clocks may part in a second: the kernel slews each by 500 ppm at most."""


class ZoneClock:
    """What `time.monotonic()` of another machine shows, on this machine's.

    The other clock was read at some moment between the question and its answer; taken for the
    middle, the offset is wrong by half of the round trip at most. The best answer counts until it
    may have drifted further than a newer one is wrong.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._error = math.inf
        self._at = 0.0

    def take(self, asked: float, shown: float, heard: float) -> None:
        """Take one answer: what the other clock showed, asked and heard on this one."""
        error = (heard - asked) / 2
        if error <= self.error(heard):
            self._offset, self._error, self._at = (asked + heard) / 2 - shown, error, heard

    def error(self, now: float) -> float:
        """Return by how many seconds `here` may be wrong now, infinite before any answer."""
        return self._error + DRIFT * (now - self._at)

    def here(self, shown: float) -> float:
        """Return what this machine's clock showed when the other showed that."""
        return shown + self._offset
