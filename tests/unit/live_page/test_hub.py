"""Viewers: everybody gets the newest, nobody keeps a queue, and there are only so many."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message

from chaos_runner.live_page import event_stream, hub
from chaos_runner.live_page.event_stream import EventStream, event_of, part_event
from chaos_runner.live_page.hub import Hub

SCOPE = {"type": "http", "method": "GET", "headers": []}


def test_a_late_viewer_gets_the_newest_of_each_part_and_none_that_is_gone() -> None:
    one = Hub()
    for number in range(1000):
        one.publish("a", b"%d" % number)
    one.publish("b", b"b")
    one.publish("b", b"gone", gone=True)
    viewer = one.enter()
    assert viewer is not None
    assert asyncio.run(viewer.next(0.1)) == b"999"
    assert one.keys == ["a"]


def test_a_viewer_that_looks_away_misses_only_what_is_old() -> None:
    async def look() -> None:
        one = Hub()
        viewer = one.enter()
        assert viewer is not None
        for number in range(100_000):
            one.publish(f"{number % 3}", b"%d;" % number)
        assert await viewer.next(60) == b"99999;99997;99998;"
        assert await viewer.next(0.01) == b""
        one.leave(viewer)
        one.publish("1", b"x")
        assert await viewer.next(0.01) == b""

    asyncio.run(look())


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_VIEWERS", 2)
    one = Hub()
    viewers = [one.enter() for _ in range(3)]
    assert [viewer is None for viewer in viewers] == [False, False, True]
    assert len(one) == 2


async def _silent() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def test_a_viewer_that_takes_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "SEND_LIMIT", 0.05)

    async def stuck(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def serve() -> None:
        one = Hub()
        viewer = one.enter()
        assert viewer is not None
        await EventStream(one, viewer, may_act=False)(SCOPE, _silent, stuck)
        assert len(one) == 0

    asyncio.run(asyncio.wait_for(serve(), 60))


def test_a_viewer_that_leaves_is_forgotten_and_one_that_stays_hears_that_nothing_is_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.01)
    sent: list[Message] = []

    async def serve() -> None:
        one = Hub()
        one.publish("a", part_event("a", {"x": "line\nend"}))
        viewer = one.enter()
        assert viewer is not None
        enough = asyncio.Event()

        async def send(message: Message) -> None:
            sent.append(message)
            if len(sent) == 5:
                enough.set()

        async def leaves() -> Message:
            await enough.wait()
            return {"type": "http.disconnect"}

        await EventStream(one, viewer, may_act=True)(SCOPE, leaves, send)
        assert len(one) == 0

    asyncio.run(asyncio.wait_for(serve(), 60))
    start, hello, part, tick = sent[:4]
    assert (b"content-type", b"text/event-stream; charset=utf-8") in start["headers"]
    assert b'event: hello\ndata: {"may_act":true,"keys":["a"],' in hello["body"]
    assert part["body"] == event_of("part", {"key": "a", "part": {"x": "line\nend"}})
    assert part["body"].count(b"\n") == 3
    assert tick["body"].startswith(b"event: tick\ndata: {")
