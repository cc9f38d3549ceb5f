"""Real receivers on this machine: a webhook over HTTP, a mailbox over SMTP, one that hangs."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Webhook:
    """What a webhook was sent, and how it answers."""

    port: int = 0
    status: int = 200
    floods: bool = False
    """Whether its answer has no end."""
    got: list[dict[str, Any]] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address for Apprise, with a token that nobody may see."""
        return f"json://127.0.0.1:{self.port}/hook/s3cr3t-token"

    @property
    def titles(self) -> list[str]:
        return [each["title"] for each in self.got]


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Listen over HTTP; while `answers` is not set, a request waits for its answer."""
    hook = Webhook()
    hook.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append(json.loads(body))
            hook.answers.wait()
            self.send_response(hook.status)
            if not hook.floods:
                self.send_header("Content-Length", "0")
            self.end_headers()
            with suppress(OSError):
                while hook.floods:
                    self.wfile.write(b"x" * 1_000_000)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield hook
        hook.answers.set()
        server.shutdown()
        thread.join()


@dataclass
class Mailbox:
    """The mails that came, with their envelopes."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=chaos@example.com&to=ops@example.com"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Listen over SMTP (RFC 5321) for mails without encryption or login."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 mailbox")
            while line := self.rfile.readline():
                match line.split()[0].upper():
                    case b"DATA":
                        self.say("354 go on")
                        self.take()
                    case b"QUIT":
                        self.say("221 bye")
                        return
                    case _:
                        self.say("250 ok")

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b"."))
            mail = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            box.mails.append(mail)
            self.say("250 taken")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield box
        server.shutdown()
        thread.join()
