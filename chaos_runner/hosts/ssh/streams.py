"""The streams of one SSH channel: write to it and read both outputs, never waiting for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import paramiko

_CHUNK = 32_768
_LONGEST_WAIT = 0.5
"""Seconds between two looks at the clock while the host says nothing."""
_WAIT_TO_WRITE = 0.02
"""Seconds between two looks whether the host takes more input; nothing tells that it does."""


class TooMuchError(Exception):
    """More was printed than is kept; holds how it began."""

    def __init__(self, beginning: str) -> None:
        super().__init__(beginning)
        self.beginning = beginning


class _Arrival(threading.Event):
    """The event that one of two outputs has come to something new, its end included.

    It stands in for `Channel.fileno`, whose pipe paramiko closes while its own thread may be about
    to write to it: that ended the connection, or wrote into whatever got the number next.
    """

    def clear(self) -> None:
        """Stay set: paramiko clears it when one output is read empty, and the other may not be."""

    def forget(self) -> None:
        """Wait for what comes from now on."""
        super().clear()


class Streams:
    """A command's channel, and what both outputs have brought since `clear`.

    Everything here raises what paramiko raises (OSError, EOFError, SSHException).
    """

    def __init__(
        self, transport: paramiko.Transport, command: str, deadline: float, most: int
    ) -> None:
        """Start a command line on the host; `most` bytes of output are kept."""
        self._most = most
        self._channel = transport.open_session(timeout=_left(deadline))
        with _closed_at(deadline, self._channel):
            self._channel.exec_command(command)
        self._arrival = _Arrival()
        for buffer in (self._channel.in_buffer, self._channel.in_stderr_buffer):
            buffer.set_event(self._arrival)
        self.output = bytearray()
        self.errors = bytearray()

    @property
    def open(self) -> bool:
        """Tell whether the command still runs, as far as this side knows."""
        channel = self._channel
        return not (channel.closed or channel.eof_received or channel.exit_status_ready())

    @property
    def ended(self) -> bool:
        """Tell whether the command is over and all that came of it was read."""
        channel = self._channel
        over = channel.closed or (channel.exit_status_ready() and channel.eof_received)
        return bool(over) and not (channel.recv_ready() or channel.recv_stderr_ready())

    @property
    def status(self) -> int:
        """Return what the command ended with; -1 where the host did not say."""
        return self._channel.exit_status if self._channel.exit_status_ready() else -1

    def send(self, data: bytes, deadline: float) -> None:
        """Write what the command still takes, and read meanwhile so that neither waits."""
        rest = memoryview(data)
        while rest and not self.ended and time.monotonic() < deadline:
            if not self._channel.send_ready():
                self.read(deadline, _WAIT_TO_WRITE)
                continue
            self._channel.settimeout(_left(deadline))
            try:
                rest = rest[self._channel.send(bytes(rest[:_CHUNK])) :]
            except OSError:
                if self._channel.get_transport().is_active() and self._channel.closed:
                    return  # the command is over, and what it said tells why
                raise

    def read(self, deadline: float, wait: float = _LONGEST_WAIT) -> None:
        """Wait for output for `wait` seconds at most, and keep it; or raise TooMuchError."""
        left = min(wait, _left(deadline))
        if self._channel.eof_received:
            self._channel.status_event.wait(left)
        else:
            self._arrival.wait(left)
        self._arrival.forget()  # before the outputs are read: what comes meanwhile counts again
        while self._channel.recv_ready():
            self._keep(self.output, self._channel.recv(_CHUNK))
        while self._channel.recv_stderr_ready():
            self._keep(self.errors, self._channel.recv_stderr(_CHUNK))

    def clear(self) -> None:
        """Forget what was read."""
        self.output.clear()
        self.errors.clear()

    def close(self) -> None:
        """Close the channel; what runs on the host may go on there."""
        _close(self._channel)

    def _keep(self, kept: bytearray, data: bytes) -> None:
        kept += data
        if len(self.output) + len(self.errors) > self._most:
            raise TooMuchError(kept[:_CHUNK].decode("utf-8", errors="replace"))


@contextmanager
def _closed_at(deadline: float, channel: paramiko.Channel) -> Iterator[None]:
    """Close the channel at the deadline: paramiko waits for ever for a command to be accepted."""
    closing = threading.Timer(_left(deadline), _close, [channel])
    closing.daemon = True
    closing.start()
    try:
        yield
    except BaseException:
        _close(channel)
        raise
    finally:
        closing.cancel()


def _close(channel: paramiko.Channel) -> None:
    with suppress(OSError, EOFError):  # of a connection that is broken already
        channel.close()


def _left(deadline: float) -> float:
    return max(0.01, deadline - time.monotonic())
