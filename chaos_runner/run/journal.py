"""The journal of a run: append-only JSON lines, on disk before anything else happens."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from chaos_runner.run.events import Event

JOURNAL_NAME = "journal.jsonl"


class Journal:
    """Write events to a file, each line flushed and fsynced before `write` returns.

    Threads may write at the same time. `observe` is called with each event after it is on
    disk, in the writing thread; the live display is such an observer.
    """

    def __init__(self, directory: Path, observe: Callable[[Event], None]) -> None:
        directory.mkdir(parents=True, exist_ok=False, mode=0o755)
        self.path = directory / JOURNAL_NAME
        self.started = time.monotonic()
        self._observe = observe
        self._lock = threading.Lock()
        self._must_go_on = False
        self.write_error = ""
        """Why events of the roll-back are missing from the file, or nothing."""
        self._file: TextIO = self.path.open("x", encoding="utf-8")
        _sync_directory(directory)

    def write(self, event_type: type[Event], **fields: object) -> None:
        """Make an event of now, put it on disk, and show it to the observer."""
        event = event_type.model_validate(
            {"at": datetime.now(UTC), "elapsed": round(self.elapsed(), 3), **fields}
        )
        with self._lock:
            try:
                self._put(event)
            except OSError as error:
                if not self._must_go_on:
                    raise
                self.write_error = str(error)
            self._observe(event)

    def roll_back_goes_first(self) -> None:
        """From now on let no failing disk under the journal stop what the run has to undo."""
        self._must_go_on = True

    def _put(self, event: Event) -> None:
        self._file.write(event.model_dump_json() + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def elapsed(self) -> float:
        """Return the monotonic seconds since the journal was opened."""
        return time.monotonic() - self.started

    def close(self) -> None:
        """Close the file; later writes raise ValueError."""
        self._file.close()


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
