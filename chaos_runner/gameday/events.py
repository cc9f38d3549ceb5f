"""The events of a game day's journal, the one truth about how it went.

Each line of `gameday.jsonl` is one of them as JSON, with the moment (UTC) and who wrote it. Several
processes write into it: whoever walks through the agenda, and whoever notes something meanwhile.
The runs of its experiments have journals of their own, in the same directory of runs.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chaos_runner.journal.events import HostState
from chaos_runner.journal.events.base import NOT_WRITTEN, Moment
from chaos_runner.measurements.run_kind import RunName
from chaos_runner.verdict.judgement import Verdict

SCHEMA_VERSION = 1
"""Of the journal: it rises when a field changes its meaning or goes away."""
LONGEST_TEXT = 2000
"""Characters of what somebody writes down."""
Decision = Literal["go", "no-go", "stop"]
NoteKind = Literal["note", "finding", "to do"]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class GameDayEvent(BaseModel):
    """When something happened, and who wrote it down."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: Moment = NOT_WRITTEN
    by: str = ""
    """The user and the machine, as `anna@ops-1`."""


class DayStarted(GameDayEvent):
    """The beginning of the journal: the day as it was written, and what it was read from."""

    event: Literal["day_started"] = "day_started"
    schema_version: int = SCHEMA_VERSION
    identity: str
    title: str
    file: str
    """Absolute; the experiments are named relative to it."""
    day: dict[str, object]
    """The file with its defaults filled in, as JSON."""
    titles: list[str]
    """Of each item: the experiment's title, or its words."""
    rehearsal: bool = False
    """Whether the faults are left out."""


class DayResumed(GameDayEvent):
    """The walk goes on, after whoever walked through the agenda was gone."""

    event: Literal["day_resumed"] = "day_resumed"


class Decided(GameDayEvent):
    """What was decided before an item, go or no-go; `stop` ends the walk until it is resumed."""

    event: Literal["decided"] = "decided"
    item: int
    decision: Decision


class ItemFinished(GameDayEvent):
    """An item without an experiment is over."""

    event: Literal["item_finished"] = "item_finished"
    item: int


class RunBegan(GameDayEvent):
    """The run of an experiment begins; `run` names its journal."""

    event: Literal["run_began"] = "run_began"
    item: int
    run: RunName


class RunEnded(GameDayEvent):
    """How the run of an experiment ended."""

    event: Literal["run_ended"] = "run_ended"
    item: int
    run: RunName
    verdict: Verdict | None
    """Null where the run broke off: whoever ran it was killed."""
    exit_code: int | None
    reasons: list[str] = Field(default=[])
    hosts: dict[str, HostState] = Field(default={})


class RunRefused(GameDayEvent):
    """Why an experiment did not begin; it is asked about again."""

    event: Literal["run_refused"] = "run_refused"
    item: int
    message: str


class Noted(GameDayEvent):
    """What somebody wrote down: a note, a finding made on the spot, something to do."""

    event: Literal["noted"] = "noted"
    kind: NoteKind = "note"
    text: Text


class Noticed(GameDayEvent):
    """Who or what noticed the fault."""

    event: Literal["noticed"] = "noticed"
    who: Text
    text: Text = ""


class Aborted(GameDayEvent):
    """Somebody ended the running experiment."""

    event: Literal["aborted"] = "aborted"
    who: Text = ""
    """The person who said so, if somebody else typed it."""
    reason: Text = ""


class DayStopped(GameDayEvent):
    """Nobody goes on with the agenda until it is resumed."""

    event: Literal["day_stopped"] = "day_stopped"
    reason: str


class DayFinished(GameDayEvent):
    """The end of the journal; notes may still follow."""

    event: Literal["day_finished"] = "day_finished"


AnyGameDayEvent = (
    DayStarted
    | DayResumed
    | Decided
    | ItemFinished
    | RunBegan
    | RunEnded
    | RunRefused
    | Noted
    | Noticed
    | Aborted
    | DayStopped
    | DayFinished
)
GAME_DAY_EVENT: TypeAdapter[AnyGameDayEvent] = TypeAdapter(
    Annotated[AnyGameDayEvent, Field(discriminator="event")]
)
