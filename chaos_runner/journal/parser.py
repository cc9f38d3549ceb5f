"""The events of one journal, parsed line by line.

A controller that was killed in the middle of a line leaves a torn last line; a newer version
leaves events this one does not know. Both are left out and noted, never fatal. A broken line
in the middle means the file is not what the run wrote, and is an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.errors import UsageError
from chaos_runner.journal.contents import ReadJournal, run_in
from chaos_runner.journal.events import (
    EVENT,
    SCHEMA_VERSION,
    Event,
    ProbeBucket,
    ProbeFinished,
    ProbeHealth,
    RunStarted,
    SecondsSummarized,
)
from chaos_runner.journal.garbage import collector_paused
from chaos_runner.journal.plausible import absurdity_in, is_modest
from chaos_runner.journal.seconds import SecondReader
from chaos_runner.units import printable

MOST_KINDS_NAMED = 20
"""Kinds of events of newer versions that the notes name."""

_WHEN = {"at", "elapsed"}
"""What every event says."""
_KINDS = {kind.model_fields["event"].default for kind in get_args(get_args(Event)[0])}


def parse_lines(lines: Iterable[bytes], source: str) -> JournalParser:
    """Parse lines, each with its line end; `source` names them in errors.

    Raises UsageError for a broken line that is not the last.
    """
    seconds = SecondReader(source)
    reader = JournalParser(source, seconds)
    numbered = enumerate(lines, start=1)
    with collector_paused():
        for number, line in numbered:
            reader.take_line(number, line)
            if reader.events:
                break
        for number, line in seconds.others(numbered):
            reader.take_line(number, line)
    reader.size += seconds.size
    return reader


class JournalParser:
    """The events of one journal, and notes on what was left out.

    The buckets of the probe go to a reader of seconds, where there is one.
    """

    def __init__(self, source: str, seconds: SecondReader | None = None) -> None:
        self._source = source
        self._seconds = seconds
        self.events: list[Event] = []
        self._skipped: Counter[str] = Counter()
        self._notes: list[str] = []
        self._newer = False
        self._told: dict[type[BaseModel], set[str]] = {}
        self._latest = 0.0
        """The latest `elapsed` of the events."""
        self.size = 0
        """Bytes of all lines."""

    def take_line(self, number: int, line: bytes) -> None:
        """Parse a line with its end, which the last may lack."""
        if line.endswith(b"\n"):
            self.take(number, line[:-1])
        else:
            self.take_tail(number, line)

    def take(self, number: int, line: bytes) -> None:
        """Parse a whole line; skip it when it is blank or from a newer version."""
        self.size += len(line) + 1
        if self._take_modest(line):
            return
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

    def _take_modest(self, line: bytes) -> bool:
        """Take a line that is read without looking at each value, and return whether it is one."""
        if not is_modest(line):
            return False
        try:
            event = EVENT.validate_json(line, strict=True)
        except ValidationError:
            return False
        if isinstance(event, RunStarted) or not event.model_fields_set >= _WHEN:
            return False
        self._remember(event)
        return True

    def take_tail(self, number: int, tail: bytes) -> None:
        """Parse what follows the last line end: a whole event, or one torn by a kill."""
        try:
            from_json(tail)
        except ValueError:
            self._notes.append(
                f"Line {number}, the last, was cut off after {len(tail)} bytes and is left out: "
                "the control node stopped while it wrote."
            )
            return
        self.take(number, tail)

    def result(self) -> ReadJournal:
        """Return what was collected, or raise UsageError when it does not begin a run."""
        started = run_in(self.events, self._source)
        final = any(isinstance(event, ProbeFinished) for event in self.events)
        seconds = self._seconds.finish(final=final) if self._seconds else RunSeconds()
        stopped = max(self._latest, self._seconds.latest if self._seconds else 0.0)
        return ReadJournal(started, tuple(self.events), seconds, stopped, notes=self.all_notes())

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
        self._latest = max(self._latest, event.elapsed)
        if self._seconds and isinstance(event, ProbeBucket):
            self._seconds.take(event.bucket)
            return
        if self._seconds and isinstance(event, SecondsSummarized):
            self._seconds.take_summarized(event.seconds)
            return
        if isinstance(event, ProbeHealth):
            # The names of what was told are the same in each, and half of what it takes in memory.
            for part in (event, event.health):
                told = part.model_fields_set
                if told != (shared := self._told.get(type(part))):
                    self._told[type(part)] = told
                else:
                    object.__setattr__(part, "__pydantic_fields_set__", shared)  # models are slow
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
        if value["event"] in _KINDS and not value.keys() >= _WHEN:
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
    where = ".".join(str(part) for part in first["loc"])  # with keys of a stranger's
    return f"{printable(where, 200)}: {printable(first['msg'], 400)}"


def _skipped_note(kind: str, times: int) -> str:
    lines = "1 line" if times == 1 else f"{times} lines"
    return f"Left out {lines} of kind `{printable(kind)}`, which this version cannot read."
