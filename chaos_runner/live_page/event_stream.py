"""Server-sent events: what a viewer gets, until one of the two ends it."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chaos_runner.live_page.connections import mark_as_viewer
from chaos_runner.live_page.hub import Hub, Viewer

HEARTBEAT = 2.0
"""Seconds after which a viewer hears that there is nothing new: without it the page is stale."""
SEND_LIMIT = 20.0
"""Seconds for a viewer to take a message; one that does not is dropped, and connects anew."""


def event_of(name: str, data: object) -> bytes:
    """Return an event as it goes over the wire; JSON has no line ends of its own."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def part_event(key: str, part: object) -> bytes:
    """Return the event that shows the newest state of a part; None takes it away."""
    return event_of("part", {"key": key, "part": part})


class EventStream(Response):
    """An answer that goes on for as long as the viewer takes it."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, viewer: Viewer, *, may_act: bool) -> None:
        super().__init__()
        self._hub = hub
        self._viewer = viewer
        self._may_act = may_act
        del self.headers["content-length"]
        self.headers["x-accel-buffering"] = "no"  # a proxy is to hand each event on at once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what changes until the viewer is gone, or takes no more."""
        mark_as_viewer(scope)
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self._viewer)
            for task in (sending, leaving):
                task.cancel()
                with suppress(asyncio.CancelledError, TimeoutError, OSError):
                    await task

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        hello = {"may_act": self._may_act, "keys": self._hub.keys, "now": time.time()}
        body = event_of("hello", hello)
        while True:
            message = {"type": "http.response.body", "body": body, "more_body": True}
            await asyncio.wait_for(send(message), SEND_LIMIT)
            body = await self._viewer.next(HEARTBEAT) or event_of("tick", {"now": time.time()})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
