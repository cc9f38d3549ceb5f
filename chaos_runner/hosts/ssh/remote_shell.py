"""Keep a shell open on a host, and run one command after another in it.

The host is asked for `/bin/sh` (through sudo where need be) once, before there is a fault; every
command then goes to its stdin. So no login shell touches what is sent, whichever it is (bash,
fish, tcsh), and a command later needs no new login, no sudo, and no name service that a fault may
have cut off. Each command's outputs stand between two random marks: what login scripts, sudo or
the command before it print beside them is passed over.
"""

from __future__ import annotations

import base64
import secrets
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import paramiko

from chaos_runner.hosts.readable import first_lines
from chaos_runner.hosts.ssh.errors import (
    CommandTimeoutError,
    HostUnreachableError,
    RescueError,
    TooMuchOutputError,
    UnansweredError,
)
from chaos_runner.hosts.ssh.streams import Streams, TooMuchError

MOST_OUTPUT = 1_048_576
"""Bytes of a command's two outputs that are kept; a host that prints more is given up."""


@dataclass(frozen=True)
class CommandResult:
    """How a command ended; text is decoded as UTF-8, bad bytes replaced."""

    rc: int
    stdout: str
    stderr: str


class ShellEndedError(UnansweredError):
    """The shell had ended before a command began in it; nothing of it was run."""

    said = ""
    """What was printed instead, harmless to show."""


class RemoteShell:
    """One shell for commands, one at a time; after an error it is closed and of no use.

    `words` start the shell on the host. They pass through the login shell, so none of them may
    hold what any shell has a use for.
    """

    def __init__(
        self, transport: paramiko.Transport, host: str, words: Sequence[str], timeout: float
    ) -> None:
        self._host = host
        self._transport = transport
        self._first_sent = False
        command = " ".join(words)
        deadline = time.monotonic() + timeout
        with self._errors_explained(command, deadline):
            self._streams = Streams(transport, command, deadline, MOST_OUTPUT)

    @property
    def open(self) -> bool:
        """Tell whether the shell may still take a command, as far as this side knows."""
        return self._streams.open

    def run(self, command: Sequence[str], stdin: bytes | None, timeout: float) -> CommandResult:
        """Run an argument list; `timeout` in seconds covers all of it.

        Raises ShellEndedError when it was not run, CommandTimeoutError, TooMuchOutputError,
        HostUnreachableError when the connection breaks, and UnansweredError when the shell ends
        in the middle.
        """
        words = shlex.join(command)
        deadline = time.monotonic() + timeout
        try:
            with self._errors_explained(words, deadline):
                return self._run(words, stdin, deadline)
        except RescueError:
            self.close()
            raise

    def close(self) -> None:
        """End the shell; a command that runs in it may go on on the host."""
        self._streams.close()

    def _run(self, words: str, stdin: bytes | None, deadline: float) -> CommandResult:
        marks = _Marks()
        streams = self._streams
        # A start file that reads a line of its input gets an empty one, and none of a command.
        before = b"" if self._first_sent else b"\n"
        self._first_sent = True
        streams.send(before + marks.around(words, stdin), deadline)
        while (result := marks.result(streams.output, streams.errors)) is None:
            if streams.ended:
                raise self._ended(words, begun=marks.begun(streams.output))
            if time.monotonic() > deadline:
                raise _too_slow(self._host, words)
            streams.read(deadline)
        if not marks.begun(streams.output):
            raise UnansweredError(
                f"{self._host}: something at the login read the beginning of `{_short(words)}`",
                "let no start file of its login shell read its input",
            )
        streams.clear()
        return result

    def _ended(self, words: str, *, begun: bool) -> RescueError:
        if not self._transport.is_active():
            return _broken(self._host, words, "end of stream")
        if begun:
            return UnansweredError(
                f"{self._host}: the shell ended during `{_short(words)}`",
                "ask the host again before claiming anything",
            )
        said = first_lines(f"{_text(self._streams.errors)}\n{_text(self._streams.output)}")
        error = ShellEndedError(
            f"{self._host}: no shell was started there (exit status {self._streams.status}): "
            f"{said or 'nothing was said'}",
            "look at the host by hand",
        )
        error.said = said
        return error

    @contextmanager
    def _errors_explained(self, words: str, deadline: float) -> Iterator[None]:
        try:
            yield
        except TooMuchError as error:
            raise TooMuchOutputError(
                f"{self._host}: more than {MOST_OUTPUT} bytes came in answer to "
                f"`{_short(words)}`: {first_lines(error.beginning) or 'nothing readable'}",
                "it was given up; look at the host by hand",
            ) from error
        except paramiko.ChannelException as error:
            raise HostUnreachableError(
                f"{self._host}: it opens no further session in this connection: {error.text}",
                "see `MaxSessions` of its sshd",
            ) from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            if time.monotonic() >= deadline:
                raise _too_slow(self._host, words) from error
            raise _broken(self._host, words, str(error) or "end of stream") from error


class _Marks:
    """Two lines of random letters, around what one command prints on each of its outputs."""

    def __init__(self) -> None:
        self._first = secrets.token_hex(16)
        self._last = secrets.token_hex(16)

    def around(self, words: str, stdin: bytes | None) -> bytes:
        """Return the text for the shell; no mark is whole in it, in case something echoes it."""
        first, last = (f"{mark[:9]} {mark[9:]}" for mark in (self._first, self._last))
        if stdin is None:
            body = f"({words}) </dev/null"
        else:
            body = f"(printf %s '{base64.b64encode(stdin).decode()}' | base64 -d | {words})"
        return (
            f"printf '\\n%s%s\\n' {first}; printf '\\n%s%s\\n' {first} >&2\n"
            f"{body}\n"
            f"printf '\\n%s%s %s\\n' {last} $?; printf '\\n%s%s\\n' {last} >&2\n"
        ).encode("utf-8", errors="surrogateescape")

    def begun(self, output: bytearray) -> bool:
        """Tell whether the command was begun."""
        return f"\n{self._first}\n".encode() in output

    def result(self, output: bytearray, errors: bytearray) -> CommandResult | None:
        """Return what came of the command, or None while it has not ended."""
        last = f"\n{self._last}"
        stdout, ended, rest = output.partition(f"{last} ".encode())
        stderr, complained, _ = errors.partition(f"{last}\n".encode())
        status, whole, _ = rest.partition(b"\n")
        if not (ended and complained and whole and status.isdigit()):
            return None
        return CommandResult(int(status), self._body(stdout), self._body(stderr))

    def _body(self, data: bytearray) -> str:
        return _text(data.partition(f"\n{self._first}\n".encode())[2])


def _broken(host: str, command: str, why: str) -> HostUnreachableError:
    return HostUnreachableError(
        f"{host}: the connection broke during `{_short(command)}`: {why}",
        "try again: a new connection is made",
    )


def _too_slow(host: str, command: str) -> CommandTimeoutError:
    return CommandTimeoutError(
        f"{host}: `{_short(command)}` did not end in time",
        "it may still go on there; ask the host again before claiming anything",
    )


def _short(command: str) -> str:
    line = " ".join(command.split())
    return line if len(line) <= 80 else line[:79] + "…"


def _text(data: bytes | bytearray) -> str:
    return data.decode("utf-8", errors="replace")
