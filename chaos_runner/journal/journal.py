"""The journal of a run: append-only JSON lines, on disk before anything else happens."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_json

from chaos_runner.attempt import Attempt
from chaos_runner.errors import UsageError
from chaos_runner.files import is_file
from chaos_runner.journal.events import (
    Event,
    LeaseRenewed,
    Notice,
    ProbeBucket,
    ProbeHealth,
    SecondsSummarized,
    Waiting,
)
from chaos_runner.journal.lines import LARGEST_JOURNAL, MOST_EVENTS
from chaos_runner.journal.names import JOURNAL_NAME, JOURNAL_NAMES, age_order

_COMES_ON_AND_ON = (LeaseRenewed, Notice, ProbeBucket, ProbeHealth, SecondsSummarized, Waiting)
"""What is told as long as a run goes on, by hosts and brokers, too: it leaves room for the rest."""
_ROOM_FOR_THESE = 0.95
"""Of the bytes and lines that a journal may have to be read again."""
_RECOVERY_NAME = re.compile(r"recovery-([1-9][0-9]*)\.jsonl")


class Journal:
    """A file of events, each line flushed and fsynced before `write` returns.

    The renewal of a lease is flushed alone: it is told anew within seconds, and a slow disk must
    not keep hosts waiting for the next one. What comes on and on is written as long as there is
    room for how the run ends, in a file that can still be read; that no more is, is told once.
    Threads may write at the same time. Each of `observers` is called with each event after it is on
    disk, in the writing thread; the live display is one. One that fails is called no more, and
    never ends what it observes.
    """

    def __init__(self, directory: Path, *observers: Callable[[Event], None]) -> None:
        directory.mkdir(parents=True, exist_ok=False, mode=0o755)
        self.path = directory / JOURNAL_NAME
        self.started = time.monotonic()
        self._observers = list(observers)
        self._lock = threading.Lock()
        self._must_go_on = False
        self._size = self._lines = 0
        self._is_full = False
        self.write_error = ""
        """Why events are missing from the file, or nothing."""
        self.observer_error = ""
        """Why an observer is called no more, or nothing."""
        self._file: TextIO = self.path.open("x", encoding="utf-8")
        sync_directory(directory)

    def write(self, event: Event) -> None:
        """Put an event on disk, as one of now, and show it to the observer.

        Raises OSError where it cannot be put on disk, until the roll-back goes first.
        """
        event = stamped(event, round(self.elapsed(), 3))
        with self._lock:
            try:
                self._append(event)
            except (OSError, ValueError) as error:  # a file that was closed is a ValueError
                self.write_error = str(error)
                if not self._must_go_on:
                    raise
            self._show(event)

    def _append(self, event: Event) -> None:
        if isinstance(event, _COMES_ON_AND_ON) and not self._has_room():
            if self._is_full:
                return
            self._is_full = True
            full = "the journal is as large as can be read: what is measured is not kept any more"
            event = Notice(level="warning", source="journal", message=full)
            event = stamped(event, round(self.elapsed(), 3))
        self._size += append(self._file, event, durable=not isinstance(event, LeaseRenewed))
        self._lines += 1

    def _has_room(self) -> bool:
        return (
            self._size < _ROOM_FOR_THESE * LARGEST_JOURNAL
            and self._lines < _ROOM_FOR_THESE * MOST_EVENTS
        )

    def _show(self, event: Event) -> None:
        for observe in tuple(self._observers):
            with Attempt() as attempt:
                observe(event)
            if attempt.error:
                self._observers.remove(observe)
                self.observer_error = attempt.problem

    def roll_back_goes_first(self) -> None:
        """From now on let no failing disk under the journal stop what the run has to undo."""
        self._must_go_on = True

    def elapsed(self) -> float:
        """Return the monotonic seconds since the journal was opened."""
        return time.monotonic() - self.started

    def close(self) -> None:
        """Close the file; later writes raise ValueError."""
        self._file.close()


def journals_in(runs_directory: Path) -> dict[str, Path]:
    """Return the journals that lie in a directory of runs, by their directories, oldest first."""
    found = [path for name in JOURNAL_NAMES for path in runs_directory.glob(f"*/{name}")]
    directories = sorted({path.parent for path in found}, key=age_order)
    return {directory.name: journal_in(directory) for directory in directories}


def journal_in(directory: Path) -> Path:
    """Return the journal in the directory of a run: the compressed one where there is no other."""
    plain, compressed = (directory / name for name in JOURNAL_NAMES)
    return compressed if is_file(compressed) and not is_file(plain) else plain


def find_journal(run: str, runs_directory: Path) -> Path:
    """Return the journal of a run named by its id, its directory, or its journal file.

    Raises UsageError, naming the newest runs, when there is no such journal.
    """
    for candidate in (Path(run), runs_directory / run):
        if is_file(candidate):
            return candidate
        if is_file(journal := journal_in(candidate)):
            return journal
    known = list(journals_in(runs_directory))
    newest = ", ".join(reversed(known[-5:])) or "none"
    raise UsageError(
        f"there is no journal of `{run}`, neither at that path nor in {runs_directory}",
        f"name a run, its directory or its {JOURNAL_NAME}; newest runs here: {newest}",
    )


def recovery_name(number: int) -> str:
    """Name the file in which the so-many-th recovery tells what became of a run's hosts."""
    return f"recovery-{number}.jsonl"


def recovery_files(directory: Path) -> list[Path]:
    """Return the files of the recoveries after a run, the oldest first."""
    found = {path: _RECOVERY_NAME.fullmatch(path.name) for path in directory.iterdir()}
    numbers = {path: int(match[1]) for path, match in found.items() if match}
    return sorted(numbers, key=numbers.__getitem__)


def stamped(event: Event, elapsed: float) -> Event:
    """Return an event as one of now, so many seconds after the start of its run."""
    return event.model_copy(update={"at": datetime.now(UTC), "elapsed": elapsed})


def append(file: TextIO, event: Event, *, durable: bool = True) -> int:
    """Put an event on disk as one line: written, flushed and, to be `durable`, fsynced.

    Returns its size in bytes.
    """
    line = line_of(event) + "\n"
    file.write(line)
    file.flush()
    if durable:
        os.fsync(file.fileno())
    return len(line.encode())


def line_of(event: BaseModel) -> str:
    r"""Return an event as JSON that any file can hold.

    File names and the words of hosts may have bytes that are no UTF-8; Python carries them as
    lone surrogates, and they are written as `\udcff`.
    """
    try:
        return event.model_dump_json()
    except PydanticSerializationError:
        return to_json(_encodable(event.model_dump())).decode()


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(each) for each in value]
    return value


def sync_directory(directory: Path) -> None:
    """Put the names of a directory's files on disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
