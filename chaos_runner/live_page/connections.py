"""Connections to the live page: how many there are, and how long each may take.

Anybody on the machine may open some, without a token. So one that is not a viewer's has seconds
for a request and its answer, and where there are too many the oldest of these gives way.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from chaos_runner.files import allow_open_files
from chaos_runner.live_page.hub import MOST_VIEWERS

MOST_CONNECTIONS = MOST_VIEWERS + 100
"""Those of viewers, and beside them pages and what is asked to be done."""
TIME_TO_ASK = 20.0
"""Seconds for a request and its answer, and between two requests."""
_TIME_TO_LEAVE = 1.0
"""Seconds for somebody who got an answer but goes on sending the request."""
_OTHER_FILES = 200
"""Descriptors that are kept for journals, and for what a stop starts."""
AT_ONCE = 256
"""Connections that are taken before the next look at how many there are."""
_VIEWER = "chaos_runner.viewer"


def mark_as_viewer(scope: Scope) -> None:
    """Let the connection of a request stay for as long as its answer goes on."""
    scope[_VIEWER] = True


def connections_allowed() -> int:
    """Return how many connections may be open at once; raise the limit of open files for them."""
    allowed = allow_open_files(MOST_CONNECTIONS + AT_ONCE + _OTHER_FILES)
    return max(1, allowed - AT_ONCE - _OTHER_FILES)


class BoundedConnection(H11Protocol):
    """One connection, which ends where it takes too long, or takes the place of others."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._end: asyncio.TimerHandle | None = None

    @property
    def is_viewer(self) -> bool:
        """Tell whether it is the stream of somebody with a token."""
        asked = self.cycle is not None and not self.cycle.response_complete
        return asked and _VIEWER in self.cycle.scope

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it; where there are too many the one that has been no viewer's for longest ends."""
        super().connection_made(transport)
        self._ends_in(TIME_TO_ASK)
        most = self.limit_concurrency
        if most is None or len(self.connections) < most:
            return
        others = [each for each in self.connections if isinstance(each, BoundedConnection)]
        self._oldest_of(others)._abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the end of one that was answered already."""
        super().on_response_complete()
        is_whole = self.conn.their_state is not h11.SEND_BODY
        self._ends_in(TIME_TO_ASK if is_whole else _TIME_TO_LEAVE)

    def _oldest_of(self, others: list[BoundedConnection]) -> BoundedConnection:
        due = [(each._end.when(), each) for each in others if each._end and not each.is_viewer]
        return min(due, key=lambda each: each[0])[1] if due else self

    def _ends_in(self, seconds: float) -> None:
        self._cancel()
        if not self.transport.is_closing():
            self._end = self.loop.call_later(seconds, self._end_unless_viewer)

    def _end_unless_viewer(self) -> None:
        if not self.is_viewer:
            self._abort()

    def _abort(self) -> None:
        self.connections.discard(self)  # at once: the next one may come before it is closed
        self._cancel()
        self.transport.abort()

    def _cancel(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None
