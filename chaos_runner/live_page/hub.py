"""Everybody who looks at the live page, and what each of them has not got yet.

What is shown is in parts (a run, a game day, the stop), each of which has one newest state. A
viewer waits for the newest state of each part that changed, never for a queue of old ones: so a
slow viewer costs no memory, and what is made for one is made for all.
"""

from __future__ import annotations

import asyncio

MOST_VIEWERS = 1000


class Viewer:
    """One viewer: the parts that changed since the last message, without their order in time."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self._waiting = dict(parts)
        self._changed = asyncio.Event()
        if parts:
            self._changed.set()

    def offer(self, key: str, message: bytes) -> None:
        """Have a message wait, in place of an earlier one of the same part."""
        self._waiting[key] = message
        self._changed.set()

    async def next(self, patience: float) -> bytes:
        """Return what waits, as soon as there is something; nothing after `patience` seconds."""
        try:
            await asyncio.wait_for(self._changed.wait(), patience)
        except TimeoutError:
            return b""
        self._changed.clear()
        waiting, self._waiting = self._waiting, {}
        return b"".join(waiting.values())


class Hub:
    """The newest state of each part, and the viewers; all in the thread of the event loop."""

    def __init__(self) -> None:
        self._parts: dict[str, bytes] = {}
        self._viewers: set[Viewer] = set()

    def __len__(self) -> int:
        """Return the number of viewers."""
        return len(self._viewers)

    @property
    def keys(self) -> list[str]:
        """Return the parts that are shown."""
        return list(self._parts)

    def publish(self, key: str, message: bytes, *, gone: bool = False) -> None:
        """Show the newest state of a part; one that is gone is not shown to later viewers."""
        if gone:
            self._parts.pop(key, None)
        else:
            self._parts[key] = message
        for viewer in self._viewers:
            viewer.offer(key, message)

    def enter(self) -> Viewer | None:
        """Return a new viewer, for whom everything waits; None where there are too many."""
        if len(self._viewers) >= MOST_VIEWERS:
            return None
        viewer = Viewer(self._parts)
        self._viewers.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Forget a viewer."""
        self._viewers.discard(viewer)
