"""Tell what is being waited for, so that no silence has to be guessed at."""

from __future__ import annotations

import time
from collections.abc import Callable

from chaos_runner.kafka.common.figures import without_figures
from chaos_runner.kafka.common.messages import WaitingMessage

EVERY_SECONDS = 1.0
"""So often at most: what is waited for is looked at ten times as often."""


class Waiting:
    """What the probe waits for when it has changed, at most once a second."""

    def __init__(
        self,
        send: Callable[[WaitingMessage], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._clock = clock
        self._told = ""
        self._next = 0.0

    def tell(self, what: str) -> None:
        """Tell what is waited for, unless just that was told last, or anything just now."""
        now = self._clock()
        if what != self._told and now >= self._next:
            self._told, self._next = what, now + EVERY_SECONDS
            self._send(WaitingMessage(what=what, matter=without_figures(what)))
