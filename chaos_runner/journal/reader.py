"""Read a journal back, as far as it was written.

A controller that was killed in the middle of a line leaves a torn last line; a newer version
leaves events this one does not know. Both are left out and noted, never fatal. A broken line
in the middle means the file is not what the run wrote, and is an error; in the file of a later
recovery it is noted, for the run itself can still be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, get_args

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from chaos_runner.errors import UsageError
from chaos_runner.files import open_regular
from chaos_runner.journal.events import (
    EVENT,
    SCHEMA_VERSION,
    Event,
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultIntended,
    FaultReverted,
    HostChecked,
    HostVerified,
    LeaseRenewed,
    RunStarted,
)
from chaos_runner.journal.journal import JOURNAL_NAME, journals_in, recovery_files
from chaos_runner.journal.plausible import absurdity_in
from chaos_runner.units import printable

LARGEST_JOURNAL = 512 * 1024**2
"""Bytes; a run of a day writes some 300 MiB."""
LARGEST_LINE = 16 * 1024**2
"""Bytes; the longest line is the plan, with the commands for each of a thousand hosts."""
MOST_EVENTS = 1_000_000
"""A run of a day writes some 600,000."""
MOST_HOSTS = 20_000
MOST_FAULTS = 200
"""Hosts and planned faults of one run, far more than any fleet of ours has; a report tells each
fault on each host."""
MOST_RECOVERIES = 1000
"""Files beside the journal; `recover` makes one each time."""
LARGEST_RECOVERIES = 64 * 1024**2
"""Bytes of all of them."""
MOST_KINDS_NAMED = 20
"""Kinds of events of newer versions that the notes name."""

HOST_EVENTS = (
    HostChecked,
    FaultIntended,
    FaultApplied,
    FaultEffect,
    FaultFailed,
    LeaseRenewed,
    FaultReverted,
    HostVerified,
)
"""The events that name a host of the run."""

_KINDS = {kind.model_fields["event"].default for kind in get_args(get_args(Event)[0])}


@dataclass(frozen=True)
class ReadJournal:
    """What a journal says: its events in order, and notes on what was left out."""

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
    journal = _read(_lines_of(path, LARGEST_JOURNAL), str(path)).result()
    recoveries: list[Event] = []
    notes = [*journal.notes]
    files = recovery_files(path.parent)
    if len(files) > MOST_RECOVERIES:
        notes.append(f"Of {len(files)} later recoveries only {MOST_RECOVERIES} are read.")
    left = LARGEST_RECOVERIES
    for file in files[:MOST_RECOVERIES]:
        try:
            reader = _read(_lines_of(file, left), str(file))
        except UsageError as error:
            notes.append(f"A later recovery is left out: {error.message}.")
        else:
            left -= reader.size
            recoveries += reader.events
            notes += [f"{file.name}: {note}" for note in reader.all_notes()]
    return replace(journal, recoveries=tuple(recoveries), notes=tuple(notes))


def read_start(path: Path) -> RunStarted:
    """Read the first event of a journal alone; raises UsageError when it is missing or broken."""
    first = next(_lines_of(path, LARGEST_JOURNAL), b"")
    return _read([first], str(path)).result().started


def parse_journal(content: bytes, source: str) -> ReadJournal:
    """Parse a journal's bytes; `source` names them in errors and is not opened."""
    return _read(_lines(BytesIO(content), source, len(content)), source).result()


def _lines_of(path: Path, limit: int) -> Iterator[bytes]:
    """Yield the lines of a file; raise UsageError when it cannot be read, or is too large."""
    try:
        with open_regular(path) as stream:
            yield from _lines(stream, str(path), limit)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _lines(stream: BinaryIO, source: str, limit: int) -> Iterator[bytes]:
    number = size = 0
    while line := stream.readline(LARGEST_LINE + 1):
        number += 1
        size += len(line)
        if len(line) > LARGEST_LINE:
            raise UsageError(f"{source}:{number}: is longer than {LARGEST_LINE // 1024**2} MiB")
        if size > limit or number > MOST_EVENTS:
            raise UsageError(
                f"{source}: is larger than {limit // 1024**2} MiB or {MOST_EVENTS:,} lines, "
                "which no run writes"
            )
        yield line


def _read(lines: Iterable[bytes], source: str) -> _Reader:
    reader = _Reader(source)
    for number, line in enumerate(lines, start=1):
        if line.endswith(b"\n"):
            reader.take(number, line[:-1])
        else:
            reader.take_tail(number, line)
    return reader


class _Reader:
    """Collect the events of one journal, line by line."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.events: list[Event] = []
        self._skipped: Counter[str] = Counter()
        self._notes: list[str] = []
        self._newer = False
        self.size = 0
        """Bytes of all lines."""

    def take(self, number: int, line: bytes) -> None:
        """Parse a whole line; skip it when it is blank or from a newer version."""
        self.size += len(line) + 1
        if not line.strip():
            return
        data = self._data(number, line)
        kind = str(data["event"])
        self._refuse_older(data)
        if kind not in _KINDS:
            self._skipped[kind] += 1
            return
        try:
            # What was looked at is what is used. Strict: a text is never taken for a number.
            event = EVENT.validate_json(to_json(data), strict=True)
        except ValidationError as error:
            if not self._newer:
                raise self._broken(number, _first_problem(error)) from error
            self._skipped[kind] += 1
            return
        self._remember(event)

    def take_tail(self, number: int, tail: bytes) -> None:
        """Parse what follows the last line end: a whole event, or one torn by a kill."""
        try:
            from_json(tail)
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
        hosts = {event.host for event in self.events if isinstance(event, HOST_EVENTS)}
        hosts |= {host for fault in self.events[0].faults for host in fault.targets}
        if len(hosts) > MOST_HOSTS or len(self.events[0].faults) > MOST_FAULTS:
            raise UsageError(
                f"{self._source}: tells of more than {MOST_HOSTS:,} hosts or {MOST_FAULTS} faults"
            )
        return ReadJournal(self.events[0], tuple(self.events), notes=self.all_notes())

    def all_notes(self) -> tuple[str, ...]:
        """Return what was left out, kind by kind last."""
        named = self._skipped.most_common(MOST_KINDS_NAMED)
        more = len(self._skipped) - len(named)
        return (
            *self._notes,
            *(_skipped_note(kind, times) for kind, times in named),
            *([f"Left out {more} more kinds, which this version cannot read."] if more else []),
        )

    def _remember(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, RunStarted) and event.schema_version > SCHEMA_VERSION:
            self._newer = True
            self._notes.append(
                f"The journal has schema version {event.schema_version}; this chaos-runner knows "
                f"{SCHEMA_VERSION}, so what is new in it is left out."
            )

    def _data(self, number: int, line: bytes) -> dict[str, object]:
        """Return a line as an object with a kind of event, and with nothing absurd in it."""
        try:
            value = from_json(line)
        except ValueError as error:
            raise self._broken(number, "is not JSON") from error
        if not isinstance(value, dict) or not isinstance(value.get("event"), str):
            raise self._broken(number, "is not an event")
        if value["event"] in _KINDS and not {"at", "elapsed"} <= value.keys():
            raise self._broken(number, "does not say when it happened: `at` and `elapsed`")
        if absurd := absurdity_in(value):
            raise self._broken(number, absurd)
        return value

    def _refuse_older(self, data: dict[str, object]) -> None:
        """Raise UsageError for the journal of an earlier version: its fields mean other things."""
        version = data.get("schema_version", SCHEMA_VERSION)
        if data["event"] == "run_started" and isinstance(version, int) and version < SCHEMA_VERSION:
            raise UsageError(
                f"{self._source}: is a journal of schema version {version}, and this chaos-runner "
                f"reads version {SCHEMA_VERSION}",
                "its first line names the version of chaos-runner that wrote it: use that one",
            )

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
    return f"Left out {lines} of kind `{printable(kind)}`, which this version cannot read."
