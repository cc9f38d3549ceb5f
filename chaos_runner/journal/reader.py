"""Read a journal back, as far as it was written.

A file of a later recovery that is broken is noted and left out: the run itself can still be
told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.journal.contents import ReadJournal
from chaos_runner.journal.events import Event, RunStarted
from chaos_runner.journal.journal import recovery_files
from chaos_runner.journal.lines import LARGEST_JOURNAL, lines_in, lines_of
from chaos_runner.journal.parser import parse_lines

MOST_RECOVERIES = 1000
"""Files beside the journal; `recover` makes one each time."""
LARGEST_RECOVERIES = 64 * 1024**2
"""Bytes of all of them."""


def read_journal(path: Path) -> ReadJournal:
    """Read the journal at `path`, then what recoveries wrote beside it.

    Raises UsageError when the journal is missing or broken.
    """
    journal = parse_lines(lines_of(path, LARGEST_JOURNAL), str(path)).result()
    recoveries: list[Event] = []
    notes = [*journal.notes]
    files = recovery_files(path.parent)
    if len(files) > MOST_RECOVERIES:
        notes.append(f"Of {len(files)} later recoveries only {MOST_RECOVERIES} are read.")
    left = LARGEST_RECOVERIES
    for file in files[:MOST_RECOVERIES]:
        try:
            reader = parse_lines(lines_of(file, left), str(file))
        except UsageError as error:
            notes.append(f"A later recovery is left out: {error.message}.")
        else:
            left -= reader.size
            recoveries += reader.events
            notes += [f"{file.name}: {note}" for note in reader.all_notes()]
    return replace(journal, recoveries=tuple(recoveries), notes=tuple(notes))


def readable_events(path: Path) -> Iterator[Event]:
    """Yield what can be read of a run's journal, and of recoveries beside it, where lines are torn.

    Raises UsageError when the journal is missing.
    """
    for file in (path, *recovery_files(path.parent)[:MOST_RECOVERIES]):
        for line in lines_of(file, LARGEST_JOURNAL):
            with suppress(UsageError):
                yield from parse_lines([line], str(file)).events


def read_start(path: Path) -> RunStarted:
    """Read the first event of a journal alone; raises UsageError when it is missing or broken."""
    first = next(lines_of(path, LARGEST_JOURNAL), b"")
    return parse_lines([first], str(path)).result().started


def parse_journal(content: bytes, source: str) -> ReadJournal:
    """Parse a journal's bytes; `source` names them in errors and is not opened."""
    return parse_lines(lines_in(content, source), source).result()
