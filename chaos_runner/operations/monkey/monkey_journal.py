"""The file of a monkey's journal: lines are only ever added, each on disk before it counts."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import from_json

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.files import lock_soon
from chaos_runner.journal.journal import sync_directory
from chaos_runner.journal.lines import lines_of
from chaos_runner.schedule.monkey_events import ANY_EVENT, KINDS, MonkeyEvent

FOLDER = "monkey"
"""In the directory of runs."""
LARGEST = 64 * 1024**2
"""Bytes; a line has some 150, so this is a line every minute for nine months."""


class MonkeyJournal:
    """The journal of one schedule, in a directory of runs."""

    def __init__(self, runs_directory: Path, schedule: str) -> None:
        self.path = runs_directory / FOLDER / f"{schedule}.jsonl"

    def size(self) -> int:
        """Return its bytes; 0 where there is none yet."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def events(self) -> Iterator[MonkeyEvent]:
        """Yield every event; a last line that was cut off never happened.

        Raises UsageError where another line cannot be read. Kinds that this version does not
        know are left out.
        """
        if not self.path.exists():
            return
        for number, line in enumerate(lines_of(self.path, LARGEST), start=1):
            if not line.endswith(b"\n"):
                return
            event = _event(line, f"{self.path}:{number}")
            if event is not None:
                yield event

    def append(self, event: MonkeyEvent) -> None:
        """Put an event on disk. What a crash left of a line before it is cut off first."""
        content = event.model_dump_json().encode() + b"\n"
        try:
            new = not self.path.exists()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(
                self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644
            )
            try:
                lock_soon(descriptor)  # `--release` writes from elsewhere
                _cut_torn_line(descriptor)
                self._write(descriptor, content)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if new:
                sync_directory(self.path.parent)
        except OSError as error:
            raise UsageError(
                f"{self.path}: cannot be written: {error.strerror}",
                "make room, or name another directory with --runs; nothing is begun without it",
            ) from error

    def _write(self, descriptor: int, content: bytes) -> None:
        os.lseek(descriptor, 0, os.SEEK_END)
        while content:
            content = content[os.write(descriptor, content) :]

    @contextmanager
    def kept_by_one(self) -> Iterator[None]:
        """Be the one service of the schedule; raise RefusedError where another one is."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = self.path.with_suffix(".lock")
        # Whoever may read it could hold it, so that no service ever begins.
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RefusedError(
                    f"another monkey works this schedule off; it holds {lock}",
                    "stop that one first, such as by `systemctl stop chaos-runner-monkey`",
                ) from None
            yield
        finally:
            os.close(descriptor)


def _cut_torn_line(descriptor: int) -> None:
    """Cut off what stands behind the last line end."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    position = end
    while position > 0:
        begin = max(0, position - 65_536)
        found = os.pread(descriptor, position - begin, begin).rfind(b"\n")
        if found >= 0:
            position = begin + found + 1
            break
        position = begin
    if position < end:
        os.ftruncate(descriptor, position)


def _event(line: bytes, where: str) -> MonkeyEvent | None:
    try:
        value = from_json(line)
        kind = value.get("event") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind not in KINDS:
            return None
        return ANY_EVENT.validate_python(value)
    except (ValidationError, ValueError):
        raise UsageError(
            f"{where}: is no event of a monkey",
            "it was changed by hand: take that line away, or move the file to begin anew",
        ) from None
