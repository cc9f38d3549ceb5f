"""The journal of a game day: append-only JSON lines, to which several processes add.

Each line is written whole under a lock, and is on disk before `write` returns. A process that is
killed in the middle leaves a torn line; the next one to write begins a new line after it, and
whoever reads leaves it out and says so.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from chaos_runner.errors import UsageError
from chaos_runner.files import is_file, lock_soon
from chaos_runner.gameday.events import (
    GAME_DAY_EVENT,
    SCHEMA_VERSION,
    AnyGameDayEvent,
    DayFinished,
    DayStarted,
)
from chaos_runner.journal.identity import user_here
from chaos_runner.journal.journal import line_of, sync_directory
from chaos_runner.journal.lines import lines_of
from chaos_runner.journal.names import age_order

GAMEDAY_NAME = "gameday.jsonl"
LARGEST_GAMEDAY = 8 * 1024**2
"""Bytes; a long day with many notes writes some 100 KiB."""
MOST_NOTES = 20
"""Lines that could not be read and are named; more are counted."""
_APPEND = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class ReadDay:
    """What the journal of a game day says: its events in order, and notes on what was left out."""

    path: Path
    started: DayStarted
    events: tuple[AnyGameDayEvent, ...]
    """Every event that could be read, `started` first."""
    notes: tuple[str, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Tell whether the agenda was walked through to its end."""
        return any(isinstance(event, DayFinished) for event in self.events)

    @property
    def runs_directory(self) -> Path:
        """Return the directory in which the journals of its runs lie."""
        return self.path.parent.parent


def create_journal(runs_directory: Path, started: DayStarted) -> Path:
    """Make the journal of a new game day, named by its identity, and return its path."""
    directory = runs_directory / started.identity
    try:
        directory.mkdir(parents=True, exist_ok=False, mode=0o755)
        path = directory / GAMEDAY_NAME
        path.open("x").close()
        sync_directory(directory)
    except OSError as error:
        raise UsageError(
            f"{directory}: a game day cannot be kept there: {error.strerror}",
            "name another directory: --runs",
        ) from error
    write(path, started)
    return path


def write(path: Path, event: AnyGameDayEvent) -> None:
    """Put an event on disk, as one of now by the calling user.

    Raises UsageError where it cannot be written.
    """
    stamped = event.model_copy(update={"at": datetime.now(UTC), "by": user_here()})
    line = line_of(stamped).encode() + b"\n"
    try:
        descriptor = os.open(path, _APPEND)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{path}: is no regular file")
            lock_soon(descriptor)  # appended in one piece all the same
            _append(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}", "see that the disk has room"
        ) from error


def _append(descriptor: int, line: bytes) -> None:
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end and os.pread(descriptor, 1, end - 1) != b"\n":
        line = b"\n" + line  # what was torn by a kill stays a line of its own
    while line:
        line = line[os.write(descriptor, line) :]
    os.fsync(descriptor)


def read_day(path: Path) -> ReadDay:
    """Read the journal of a game day, as far as it was written.

    Raises UsageError when it is missing, or does not begin as one.
    """
    events: list[AnyGameDayEvent] = []
    broken: list[int] = []
    for number, line in enumerate(lines_of(path, LARGEST_GAMEDAY), start=1):
        if not line.strip():
            continue
        try:
            events.append(GAME_DAY_EVENT.validate_json(line, strict=True))
        except ValidationError:
            broken.append(number)
    notes = [f"Line {number} could not be read, and is left out." for number in broken[:MOST_NOTES]]
    if len(broken) > MOST_NOTES:
        notes.append(f"Left out {len(broken) - MOST_NOTES} more lines that could not be read.")
    if not events or not isinstance(events[0], DayStarted):
        raise UsageError(
            f"{path}: does not begin with a `day_started` event",
            f"name the {GAMEDAY_NAME} that `chaos-runner gameday run` wrote",
        )
    started = events[0]
    if started.schema_version > SCHEMA_VERSION:
        notes.append("A newer version wrote it; what this one does not know is left out.")
    return ReadDay(path, started, tuple(events), tuple(notes))


def journals_of_days(runs_directory: Path) -> list[Path]:
    """Return the journals of game days in a directory of runs, the oldest first."""
    found = runs_directory.glob(f"*/{GAMEDAY_NAME}")
    return sorted(found, key=lambda journal: age_order(journal.parent))


def find_day(name: str | None, runs_directory: Path) -> Path:
    """Return the journal of a game day by its id, directory or file; the newest without a name."""
    known = journals_of_days(runs_directory)
    if name is None and known:
        return known[-1]
    for candidate in (Path(name), runs_directory / name) if name is not None else ():
        if is_file(candidate):
            return candidate
        if is_file(candidate / GAMEDAY_NAME):
            return candidate / GAMEDAY_NAME
    raise UsageError(_not_there(name, runs_directory), _newest(known))


def _not_there(name: str | None, runs_directory: Path) -> str:
    if name is None:
        return f"there is no game day in {runs_directory}"
    return f"there is no journal of `{name}`, neither at that path nor in {runs_directory}"


def _newest(known: Sequence[Path]) -> str:
    names = ", ".join(path.parent.name for path in reversed(known[-5:]))
    return f"newest game days here: {names or 'none'}"
