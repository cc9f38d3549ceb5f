"""Write to stdout and stderr in a way that can never end what the program does.

A terminal that was closed, a full disk or a reader that went away must not stop a roll-back, nor
hide with which code a command ends. So an error of writing is kept, and told at the end.
"""

from __future__ import annotations

import os
import sys
from io import BufferedWriter, RawIOBase, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Steady(RawIOBase):
    """A descriptor's writer; it keeps the first error, and drops what comes after it."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self.error: OSError | None = None

    def writable(self) -> bool:
        """Say that this can be written to."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Tell whether a terminal is at the other end."""
        return os.isatty(self._descriptor)

    def write(self, content: ReadableBuffer, /) -> int:
        """Write all of it, or keep why that failed; either way it counts as written."""
        left = memoryview(content)
        size = left.nbytes
        while left.nbytes and self.error is None:
            try:
                left = left[os.write(self._descriptor, left) :]
            except OSError as error:
                self.error = error
        return size


def steady(stream: TextIO | None) -> tuple[TextIO, Steady]:
    """Return a text stream to where `stream` leads that raises nothing, and what it writes to.

    Characters that the encoding lacks are written out, not raised about. None stands for a stream
    that was closed before this program began: what is written goes nowhere, and its number is
    taken, so that no file of ours gets it.
    """
    raw = Steady(os.open(os.devnull, os.O_WRONLY) if stream is None else stream.fileno())
    encoding = stream.encoding if stream else "utf-8"
    buffered = BufferedWriter(raw)
    return TextIOWrapper(buffered, encoding, "backslashreplace", line_buffering=True), raw


def steady_output() -> tuple[Steady, Steady]:
    """Put steady streams in place of stdout and stderr, and return what they write to."""
    sys.stdout, out = steady(sys.stdout)
    sys.stderr, err = steady(sys.stderr)
    return out, err
