"""Follow files of JSON lines while somebody writes them: each look takes what is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.files import open_regular
from chaos_runner.journal.events import Event
from chaos_runner.journal.lines import LARGEST_JOURNAL, LARGEST_LINE, MOST_EVENTS
from chaos_runner.journal.parser import JournalParser

AT_ONCE = 4 * 1024**2
"""Bytes that one look reads, so that a long journal is taken in parts and others are not kept
waiting meanwhile."""


class LineTail:
    """The whole lines of a file that grows; what follows the last line end waits for it."""

    def __init__(self, path: Path, limit: int = LARGEST_JOURNAL) -> None:
        self.path = path
        self._limit = limit
        self._offset = 0
        self._rest = b""
        self._number = 0

    def new_lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield the lines that came since the last look, each with its number.

        Raises UsageError where the file cannot be read, became shorter, or is too large.
        """
        lines = (self._rest + self._new_bytes()).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LARGEST_LINE:
            raise UsageError(f"{self.path}: has a line longer than {LARGEST_LINE // 1024**2} MiB")
        for line in lines:
            self._number += 1
            if self._number > MOST_EVENTS:
                raise UsageError(f"{self.path}: has more than {MOST_EVENTS:,} lines")
            yield self._number, line

    def _new_bytes(self) -> bytes:
        try:
            size = self.path.stat().st_size
            if size == self._offset:
                return b""
            if size < self._offset or size > self._limit:
                raise UsageError(
                    f"{self.path}: became shorter, or larger than {self._limit // 1024**2} MiB"
                )
            with open_regular(self.path) as stream:
                stream.seek(self._offset)
                content = stream.read(AT_ONCE)
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be read: {error.strerror}") from error
        self._offset += len(content)
        return content


class JournalTail:
    """The events of a journal, or of a recovery beside it, as they are written."""

    def __init__(self, path: Path) -> None:
        self._lines = LineTail(path)
        self._parser = JournalParser(str(path))

    def new_events(self) -> list[Event]:
        """Return the events that came since the last look.

        Raises UsageError for a line that no run writes.
        """
        for number, line in self._lines.new_lines():
            self._parser.take(number, line)
        events, self._parser.events = self._parser.events, []
        return events
