"""Runs and game days that are shown: their journals, followed while they are written."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from chaos_runner.errors import UsageError
from chaos_runner.gameday.events import GAME_DAY_EVENT, AnyGameDayEvent, DayStarted
from chaos_runner.gameday.journal import GAMEDAY_NAME, LARGEST_GAMEDAY
from chaos_runner.gameday.walk_lock import walker_of
from chaos_runner.journal.events import Event, Notice, RunStarted
from chaos_runner.journal.journal import recovery_files
from chaos_runner.journal.names import JOURNAL_NAME
from chaos_runner.journal.process_lock import RUN_LOCK, holder_of
from chaos_runner.journal.tail import JournalTail, LineTail
from chaos_runner.live.outline import outline_of_start
from chaos_runner.live.run_state import RunState
from chaos_runner.live_page.parts.day_part import day_part
from chaos_runner.live_page.parts.run_part import Happened, run_part
from chaos_runner.report.story.event_log import entry_of

MOST_HAPPENED = 40
"""Lines of what happened that are shown, the newest."""


class Followed(Protocol):
    """What is followed: `look` takes what is new, `part` shows where it is."""

    def look(self) -> bool:
        """Take what is new; return whether there is anything to show."""

    def part(self) -> dict[str, object]:
        """Return what is shown."""


class FollowedRun:
    """The journal of a run, those of recoveries after it, and whether somebody executes it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._journal = JournalTail(directory / JOURNAL_NAME)
        self._recoveries: dict[Path, JournalTail] = {}
        self._state: RunState | None = None
        self._happened: deque[Happened] = deque(maxlen=MOST_HAPPENED)
        self._problem = ""
        self._is_on = False

    def look(self) -> bool:
        """Take what is new; return whether there is anything to show."""
        if self._problem:
            return False
        is_on = holder_of(self._directory / RUN_LOCK) is not None
        changed, self._is_on = is_on != self._is_on, is_on
        try:
            events = self._journal.new_events()
            for path in recovery_files(self._directory):
                tail = self._recoveries.setdefault(path, JournalTail(path))
                events += tail.new_events()
            for event in events:
                self._take(event)
        except (UsageError, OSError) as error:
            self._problem = str(error)
            return True
        return bool(events) or changed

    def part(self) -> dict[str, object]:
        """Return what is shown of the run."""
        name = self._directory.name
        return run_part(name, self._state, self._happened, self._problem, is_on=self._is_on)

    @property
    def going_on(self) -> RunState | None:
        """Return where the run is, if somebody executes it."""
        return self._state if self._is_on else None

    def _take(self, event: Event) -> None:
        if self._state is None:
            if not isinstance(event, RunStarted):
                raise UsageError("does not begin with a `run_started` event")
            self._state = RunState(outline_of_start(event))
        is_known = isinstance(event, Notice) and not self._state.notices.is_new(event)
        entry = None if is_known else entry_of(event)
        if entry is not None:
            self._happened.append(Happened(event.at, entry.level, entry.host, entry.text))
        self._state.fold(event)


class FollowedDay:
    """The journal of a game day, and whether somebody walks through its agenda."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lines = LineTail(directory / GAMEDAY_NAME, LARGEST_GAMEDAY)
        self._events: list[AnyGameDayEvent] = []
        self._problem = ""
        self._is_on = False

    def look(self) -> bool:
        """Take what is new; return whether there is anything to show."""
        if self._problem:
            return False
        is_on = walker_of(self._directory) is not None
        changed, self._is_on = is_on != self._is_on, is_on
        try:
            events = [event for _, line in self._lines.new_lines() for event in _event_of(line)]
        except UsageError as error:
            self._problem = str(error)
            return True
        self._events += events
        if self._events and not isinstance(self._events[0], DayStarted):
            self._problem = "does not begin with a `day_started` event"
        return bool(events) or changed

    def part(self) -> dict[str, object]:
        """Return what is shown of the game day."""
        name = self._directory.name
        return day_part(name, self._events, self._problem, is_on=self._is_on)


def _event_of(line: bytes) -> list[AnyGameDayEvent]:
    """Return the event of a line; nothing where it is blank or torn, or of a newer version."""
    try:
        return [GAME_DAY_EVENT.validate_json(line, strict=True)] if line.strip() else []
    except ValidationError:
        return []
