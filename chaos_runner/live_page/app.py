"""The live page over HTTP: what may be asked, and by whom."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from importlib.resources import files
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.live_page.event_stream import EventStream
from chaos_runner.live_page.gate import Gate
from chaos_runner.live_page.hub import Hub
from chaos_runner.live_page.metrics import CONTENT_TYPE
from chaos_runner.live_page.remarks import AbortAsked, NoteAsked, NoticedAsked, StopAsked
from chaos_runner.live_page.tokens import Right, Tokens
from chaos_runner.units import printable

LARGEST_BODY = 16 * 1024
"""Bytes of a request; a note has at most 2000 characters."""
_ASSETS = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
Handler = Callable[[Request], Awaitable[Response]]
Model = TypeVar("Model", bound=BaseModel)
Remark = type[NoteAsked] | type[NoticedAsked] | type[AbortAsked]


class Stops(Protocol):
    """What stops everything."""

    def stop(self, reason: str) -> bool:
        """Begin to; return False where that goes on already."""


class _Refused(Exception):  # noqa: N818  # an answer, and no error of ours
    """What a request is answered with, in place of what it asked for."""

    def __init__(self, status: int, error: str, hint: str = "") -> None:
        super().__init__(error)
        self.answer = JSONResponse({"error": error, "hint": hint}, status_code=status)


def make_app(
    hub: Hub,
    tokens: Tokens,
    stopper: Stops,
    metrics: Callable[[], str],
    runs_directory: Path,
    names: Collection[str] = (),
) -> Gate:
    """Return the server of the page; `names` are those under which it is known beside localhost.

    `metrics` is called in a thread.
    """

    async def events(request: Request) -> Response:
        right = _require(request, tokens, "read")
        viewer = hub.enter()
        if viewer is None:
            raise _Refused(503, "too many viewers")
        return EventStream(hub, viewer, may_act=right == "act")

    async def scraped(request: Request) -> Response:
        _require(request, tokens, "read")
        return Response(await asyncio.to_thread(metrics), media_type=CONTENT_TYPE)

    async def stop(request: Request) -> Response:
        asked = await _asked(request, tokens, StopAsked)
        began = stopper.stop(asked.said())
        return JSONResponse({"done": "stopping" if began else "stopping already"})

    def remark(model: Remark) -> Handler:
        async def write(request: Request) -> Response:
            asked = await _asked(request, tokens, model)
            done = await asyncio.to_thread(asked.write, runs_directory)
            return JSONResponse({"done": done})

        return write

    app = Starlette(
        routes=[
            *(Route(path, _asset(*each)) for path, each in _ASSETS.items()),
            Route("/events", _answered(events)),
            Route("/metrics", _answered(scraped)),
            Route("/stop", _answered(stop), methods=["POST"]),
            Route("/note", _answered(remark(NoteAsked)), methods=["POST"]),
            Route("/noticed", _answered(remark(NoticedAsked)), methods=["POST"]),
            Route("/abort", _answered(remark(AbortAsked)), methods=["POST"]),
        ],
    )
    return Gate(app, names)


def _answered(handler: Handler) -> Handler:
    """Return a handler that answers with an error where one is raised."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except _Refused as refused:
            return refused.answer
        except ChaosRunnerError as error:
            return JSONResponse({"error": error.message, "hint": error.hint}, status_code=409)

    return answer


def _asset(name: str, media_type: str) -> Handler:
    content = files("chaos_runner.live_page").joinpath("assets", name).read_bytes()

    async def answer(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return answer


def _require(request: Request, tokens: Tokens, wanted: Right) -> Right:
    """Return the right that a request comes with; refuse it where that is too little."""
    right = tokens.right_of(request.headers.get("authorization", ""))
    if not right:
        raise _Refused(401, "this needs a token", "open the link that `serve` printed")
    if wanted == "act" and right != "act":
        raise _Refused(403, "this token only reads", "open the link for acting")
    return right


async def _asked(request: Request, tokens: Tokens, model: type[Model]) -> Model:
    """Return what a request asks to be done, from somebody who may."""
    _require(request, tokens, "act")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _Refused(413, "this is too large")
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise _Refused(400, printable(f"{where}: {first['msg']}".lstrip(": "), 400)) from None
