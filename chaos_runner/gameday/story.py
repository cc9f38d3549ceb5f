"""The story of a game day: everything its report shows, as frozen data.

This model is also the JSON report, so its field names are public. Durations are seconds.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from chaos_runner.analysis.moments import Time
from chaos_runner.gameday.events import NoteKind
from chaos_runner.gameday.model import GameDay
from chaos_runner.verdict.judgement import Verdict

SCHEMA_VERSION = 1


class Part(BaseModel):
    """A part of the story, which nobody changes."""

    model_config = ConfigDict(frozen=True)


class Notice(Part):
    """Who or what noticed a fault, and how long after it was on."""

    who: str
    text: str = ""
    after: float | None = None
    """Null where no fault is known to have been on."""
    by_check: bool = False
    """Whether it is an alert that the run itself saw fire; else somebody wrote it down."""


class Trial(Part):
    """One experiment of the agenda: what was expected, and what was seen."""

    number: int
    title: str
    expected: str = ""
    noticed_first_by: str = ""
    """Who or what was expected to notice first."""
    run: str = ""
    """The newest run of it; empty where there was none."""
    verdict: Verdict | None = None
    ended: bool = False
    """Whether the run wrote its end."""
    no_fault: bool = False
    """Whether the run is known to have ended before any fault was on: nothing was to be noticed."""
    summary: str = ""
    hosts: dict[str, str] = {}
    notices: tuple[Notice, ...] = ()
    """The first one first."""
    clients_noticed: Time | None = None
    """From the fault being on to the first bad second of the clients; null where not measured."""
    cluster_noticed: Time | None = None
    """The same, to what the cluster itself reported."""
    safeguards: tuple[str, ...] = ()
    aborts: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """Why it did not begin, each time."""
    left_out: bool = False
    """Whether it got a no-go."""

    @property
    def first(self) -> Notice | None:
        """Return who noticed first; None where nobody did."""
        return self.notices[0] if self.notices else None

    @property
    def as_expected(self) -> bool | None:
        """Tell whether who was expected to notice first did; None without fault or expectation."""
        if not self.run or self.no_fault or not self.noticed_first_by:
            return None
        return self.first is not None and _same(self.first.who, self.noticed_first_by)


class Entry(Part):
    """One line of the timeline."""

    at: datetime
    by: str
    kind: str
    text: str


class Written(Part):
    """A note, a finding made on the spot, or something to do."""

    at: datetime
    by: str
    kind: NoteKind
    text: str


class DayStory(Part):
    """A whole game day, as its journal and those of its runs have it."""

    schema_version: int = SCHEMA_VERSION
    identity: str
    day: GameDay
    rehearsal: bool
    finished: bool
    started: datetime
    stopped: datetime
    """When the last line was written."""
    trials: tuple[Trial, ...]
    timeline: tuple[Entry, ...]
    findings: tuple[Written, ...]
    to_do: tuple[str, ...]
    """Until the next one: what was written down, and what follows from the trials."""
    notes: tuple[str, ...] = ()
    """What could not be read."""

    def clock(self, moment: datetime) -> str:
        """Return a moment as the time of day in the day's time zone."""
        return f"{moment.astimezone(ZoneInfo(self.day.time_zone)):%H:%M:%S}"

    @property
    def took(self) -> float:
        """Return the seconds from the first line to the last."""
        return (self.stopped - self.started).total_seconds()


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
