"""Read a journal back, as far as it was written.

A controller that was killed in the middle of a line leaves a torn last line; a newer version
leaves events this one does not know. Both are left out and noted, never fatal. A broken line
in the middle means the file is not what the run wrote, and is an error; in the file of a later
recovery it is noted, for the run itself can still be told.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from chaos_runner.errors import UsageError
from chaos_runner.run.events import EVENT, SCHEMA_VERSION, Event, RunStarted
from chaos_runner.run.journal import JOURNAL_NAME, journals_in, recovery_files

_KINDS = {kind.model_fields["event"].default for kind in get_args(get_args(Event)[0])}


@dataclass(frozen=True)
class ReadJournal:
    """Hold what a journal says: its events in order, and notes on what was left out."""

    started: RunStarted
    events: tuple[Event, ...]
    """Every event that could be read, `started` first."""
    recoveries: tuple[Event, ...] = ()
    """What `recover` and `halt` wrote beside it, mostly after the run; times by the wall clock."""
    notes: tuple[str, ...] = ()


def find_journal(run: str, runs_directory: Path) -> Path:
    """Return the journal of a run named by its id, its directory, or its journal file.

    Raises UsageError, naming the newest runs, when there is no such journal.
    """
    for candidate in (Path(run), runs_directory / run):
        if candidate.is_file():
            return candidate
        if (candidate / JOURNAL_NAME).is_file():
            return candidate / JOURNAL_NAME
    known = list(journals_in(runs_directory))
    newest = ", ".join(reversed(known[-5:])) or "none"
    raise UsageError(
        f"there is no journal of `{run}`, neither at that path nor in {runs_directory}",
        f"name a run, its directory or its {JOURNAL_NAME}; newest runs here: {newest}",
    )


def read_journal(path: Path) -> ReadJournal:
    """Read the journal at `path`, then what recoveries wrote beside it.

    Raises UsageError when the journal is missing or broken.
    """
    journal = parse_journal(_content(path), str(path))
    recoveries: list[Event] = []
    notes = [*journal.notes]
    for file in recovery_files(path.parent):
        try:
            reader = _read(_content(file), str(file))
        except UsageError as error:
            notes.append(f"A later recovery is left out: {error.message}.")
        else:
            recoveries += reader.events
            notes += [f"{file.name}: {note}" for note in reader.all_notes()]
    return replace(journal, recoveries=tuple(recoveries), notes=tuple(notes))


def read_start(path: Path) -> RunStarted:
    """Read the first event of a journal alone; raises UsageError when it is missing or broken."""
    try:
        with path.open("rb") as file:
            first_line = file.readline()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_journal(first_line, str(path)).started


def parse_journal(content: bytes, source: str) -> ReadJournal:
    """Parse a journal's bytes; `source` names them in errors and is not opened."""
    return _read(content, source).result()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _read(content: bytes, source: str) -> _Reader:
    *lines, tail = content.split(b"\n")
    reader = _Reader(source)
    for number, line in enumerate(lines, start=1):
        reader.take(number, line)
    if tail:
        reader.take_tail(len(lines) + 1, tail)
    return reader


class _Reader:
    """Collect the events of one journal, line by line."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.events: list[Event] = []
        self._skipped: Counter[str] = Counter()
        self._notes: list[str] = []
        self._newer = False

    def take(self, number: int, line: bytes) -> None:
        """Parse a whole line; skip it when it is blank or from a newer version."""
        if not line.strip():
            return
        kind = self._kind(number, line)
        if kind not in _KINDS:
            self._skipped[kind] += 1
            return
        try:
            event = EVENT.validate_json(line)
        except ValidationError as error:
            if not self._newer:
                raise self._broken(number, _first_problem(error)) from error
            self._skipped[kind] += 1
            return
        self._remember(event)

    def take_tail(self, number: int, tail: bytes) -> None:
        """Parse what follows the last line end: a whole event, or one torn by a kill."""
        try:
            json.loads(tail)
        except ValueError:
            self._notes.append(
                f"Line {number}, the last, was cut off after {len(tail)} bytes and is left out: "
                "the controller was stopped while it wrote."
            )
            return
        self.take(number, tail)

    def result(self) -> ReadJournal:
        """Return what was collected, or raise UsageError when it does not begin a run."""
        if not self.events:
            raise UsageError(
                f"{self._source}: holds no event; the run ended before it wrote its first",
                "no host was touched: the first event is on disk before anything else happens",
            )
        if not isinstance(self.events[0], RunStarted):
            raise UsageError(
                f"{self._source}: does not begin with a `run_started` event",
                f"name the {JOURNAL_NAME} that `chaos-runner run` wrote",
            )
        return ReadJournal(self.events[0], tuple(self.events), notes=self.all_notes())

    def all_notes(self) -> tuple[str, ...]:
        """Return what was left out, kind by kind last."""
        return (*self._notes, *(_skipped_note(*item) for item in self._skipped.items()))

    def _remember(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, RunStarted) and event.schema_version > SCHEMA_VERSION:
            self._newer = True
            self._notes.append(
                f"The journal has schema version {event.schema_version}; this chaos-runner knows "
                f"{SCHEMA_VERSION}, so what is new in it is left out."
            )

    def _kind(self, number: int, line: bytes) -> str:
        try:
            value = json.loads(line)
        except ValueError as error:
            raise self._broken(number, "is not JSON") from error
        kind = value.get("event") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            raise self._broken(number, "is not an event")
        return kind

    def _broken(self, number: int, problem: str) -> UsageError:
        return UsageError(
            f"{self._source}:{number}: {problem}",
            "only the last line of a journal can be cut off; this one was changed after the run",
        )


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    # The first part of the location is the event's kind, chosen by the discriminator.
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _skipped_note(kind: str, times: int) -> str:
    lines = "1 line" if times == 1 else f"{times} lines"
    return f"Left out {lines} of kind `{kind}`, which this version cannot read."
