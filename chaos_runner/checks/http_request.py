"""One HTTP request to a server that may be anything: bounded in time and bytes, TLS verified.

No redirect is followed and no proxy used: what is asked is the server that the URL names, and a
secret goes to no other.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.units import found, printable

LARGEST_BODY = 1024 * 1024
"""Bytes; what a server says beyond is not read."""
_CHUNK = 65536


def _checked_url(text: str) -> str:
    """Return the URL of a server; raise ValueError in words for anything else."""
    allowed = "allowed is a URL such as `https://shop.example.com/health`"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"found {found(text)}; {allowed}") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("found a URL with a user or a password; name it by `authorization`")
    if (
        parts.scheme not in ("http", "https")
        or not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", parts.hostname or "")
        or port == 0
        or parts.fragment
        or not re.fullmatch(r"[!-~]+", text)
    ):
        raise ValueError(f"found {found(text)}; {allowed}")
    return text


Url = Annotated[
    str,
    Field(max_length=2000, json_schema_extra={"pattern": "^https?://"}),
    AfterValidator(_checked_url),
]


class UnreachableError(Exception):
    """A server gave no answer; the text says why."""


@dataclass(frozen=True)
class Request:
    """What is asked."""

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    ca_file: Path | None = None
    """The certificates to trust instead of the machine's own."""


@dataclass(frozen=True)
class Response:
    """What was answered."""

    status: int
    body: bytes
    complete: bool
    """Whether the body is all of it, and not more than is read."""
    seconds: float


def send(request: Request, cutoff: Cutoff) -> Response:
    """Return the response; raise UnreachableError where there is none, or it was cut off."""
    began = time.monotonic()
    try:
        connection = _connection(request, cutoff)
        try:
            return _exchange(connection, request, cutoff, began)
        finally:
            connection.close()
    except ssl.SSLCertVerificationError as error:
        raise UnreachableError(f"its certificate: {error.verify_message}") from error
    except http.client.HTTPException as error:
        raise UnreachableError(f"its answer is not HTTP ({type(error).__name__})") from error
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreachableError(printable(why, 200)) from error


def _connection(request: Request, cutoff: Cutoff) -> http.client.HTTPConnection:
    parts = urlsplit(request.url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=cutoff.seconds)
    context = ssl.create_default_context(cafile=request.ca_file)
    return http.client.HTTPSConnection(host, parts.port, timeout=cutoff.seconds, context=context)


def _exchange(
    connection: http.client.HTTPConnection, request: Request, cutoff: Cutoff, began: float
) -> Response:
    cutoff.ends_by(lambda: _end(connection.sock))
    connection.connect()
    sock = connection.sock  # which the connection gives away as soon as it has a response
    cutoff.ends_by(lambda: _end(sock))
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Connection": "close", "Accept-Encoding": "identity", **request.headers}
    connection.request(request.method, target, headers=headers)
    with connection.getresponse() as response:
        body = b""
        while len(body) <= LARGEST_BODY and (chunk := response.read1(_CHUNK)):
            body += chunk
        if cutoff.late:
            raise UnreachableError("it did not come to an end")
        complete = len(body) <= LARGEST_BODY
        seconds = round(time.monotonic() - began, 3)
        return Response(response.status, body[:LARGEST_BODY], complete, seconds)


def _end(sock: socket.socket | None) -> None:
    """Let whoever waits for the socket go on; it is closed by the one who opened it."""
    if sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
