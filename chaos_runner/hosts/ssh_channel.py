"""Run one command over an open SSH transport, without deadlock and without waiting for ever."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import paramiko

from chaos_runner.hosts.rescue_errors import CommandTimeoutError, HostUnreachableError

_CHUNK = 32_768
_LONGEST_WAIT = 0.5
"""Seconds between two looks at the clock while the host says nothing."""


@dataclass(frozen=True)
class CommandResult:
    """Hold how a command ended; text is decoded as UTF-8, bad bytes replaced."""

    rc: int
    stdout: str
    stderr: str


def run_on(
    transport: paramiko.Transport, host: str, command: str, stdin: bytes, timeout: float
) -> CommandResult:
    """Run a shell command line; `timeout` in seconds covers all of it.

    Raises CommandTimeoutError, and HostUnreachableError when the connection breaks before the
    command's status has come.
    """
    deadline = time.monotonic() + timeout
    try:
        channel = transport.open_session(timeout=timeout)
        with _closed_at_last(channel, deadline):
            channel.exec_command(command)
            return _Exchange(channel, stdin, deadline).finish(host, command)
    except (OSError, EOFError, paramiko.SSHException) as error:
        if time.monotonic() >= deadline:
            raise _too_slow(host, command) from error
        raise HostUnreachableError(
            f"{host}: the connection broke during `{_short(command)}`: {error or 'end of stream'}",
            "try again: a new connection is made",
        ) from error


@contextmanager
def _closed_at_last(channel: paramiko.Channel, deadline: float) -> Iterator[None]:
    """Close the channel at the end of the block, at the latest at the deadline.

    paramiko waits without a limit for the host to accept a command; a close wakes it.
    """
    left = max(0.0, deadline - time.monotonic())
    channel.settimeout(left)
    closing = threading.Timer(left, _close, [channel])
    closing.daemon = True
    closing.start()
    try:
        yield
    finally:
        closing.cancel()
        _close(channel)


def _close(channel: paramiko.Channel) -> None:
    with suppress(OSError, EOFError):  # of a connection that is broken already
        channel.close()


class _Exchange:
    """Write stdin and read both outputs in turns, so that neither side waits for the other."""

    def __init__(self, channel: paramiko.Channel, stdin: bytes, deadline: float) -> None:
        self._channel = channel
        self._stdin = stdin
        self._deadline = deadline
        self._output = bytearray()
        self._errors = bytearray()

    def finish(self, host: str, command: str) -> CommandResult:
        if not self._stdin:
            self._channel.shutdown_write()
        while not self._ended():
            self._write_some()
            self._read_all()
            if time.monotonic() > self._deadline:
                raise _too_slow(host, command)
            self._wait()
        self._read_all()
        status = self._channel.recv_exit_status()
        if status == -1:  # also what a command ends with that a signal killed
            self._raise_if_cut_short()
        return CommandResult(status, _text(self._output), _text(self._errors))

    def _raise_if_cut_short(self) -> None:
        if time.monotonic() >= self._deadline:
            raise TimeoutError
        if not self._channel.get_transport().is_active():
            raise EOFError

    def _ended(self) -> bool:
        """Tell whether the status is there and all output with it; data comes before EOF."""
        channel = self._channel
        return channel.exit_status_ready() and bool(channel.eof_received or channel.closed)

    def _write_some(self) -> None:
        if self._stdin and self._channel.send_ready():
            self._stdin = self._stdin[self._channel.send(self._stdin[:_CHUNK]) :]
            if not self._stdin:
                self._channel.shutdown_write()

    def _read_all(self) -> None:
        while self._channel.recv_ready():
            self._output += self._channel.recv(_CHUNK)
        while self._channel.recv_stderr_ready():
            self._errors += self._channel.recv_stderr(_CHUNK)

    def _wait(self) -> None:
        left = max(0.0, min(_LONGEST_WAIT, self._deadline - time.monotonic()))
        if self._channel.eof_received:
            self._channel.status_event.wait(left)
        elif not (self._stdin and self._channel.send_ready()):
            select.select([self._channel], [], [], 0.02 if self._stdin else left)


def _too_slow(host: str, command: str) -> CommandTimeoutError:
    return CommandTimeoutError(
        f"{host}: `{_short(command)}` did not end in time",
        "it may still go on there; ask the host again before claiming anything",
    )


def _text(data: bytearray) -> str:
    return data.decode("utf-8", errors="replace")


def _short(command: str) -> str:
    return command if len(command) <= 80 else command[:79] + "…"
