"""A game day: who meets when, what is tried in which order, and what is expected of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator

from chaos_runner.experiment.clock import ClockTime, TimeZone, clock_time
from chaos_runner.experiment.models import Line
from chaos_runner.schedule.models import Windows
from chaos_runner.schedule.named_files import ExperimentPath
from chaos_runner.units import Duration, found
from chaos_runner.yaml_input.days import Day
from chaos_runner.yaml_input.written_model import WrittenModel

Role = Literal["facilitator", "operator", "scribe", "observer"]
ROLES: tuple[Role, ...] = get_args(Role)
ItemKind = Literal["briefing", "experiment", "pause", "question", "debriefing"]
ITEM_KINDS: tuple[ItemKind, ...] = get_args(ItemKind)
SHORTEST: dict[ItemKind, float] = {
    "briefing": 900.0,
    "experiment": 0.0,
    "pause": 600.0,
    "question": 60.0,
    "debriefing": 1800.0,
}
"""Seconds that an item takes where it does not say so; those of an experiment are worked out."""


class Person(WrittenModel):
    """Somebody who takes part, and as what."""

    name: Line
    """The name."""
    role: Role
    """`facilitator` leads, `operator` runs the experiments, `scribe` writes, `observer` watches."""
    may_abort: bool = False
    """Whether everybody stops when this person says so."""
    contact: Line | None = None
    """How to reach this person meanwhile."""


class Announcement(WrittenModel):
    """To whom the game day is announced, and when."""

    to: Line
    """A person, a team, a list."""
    day: Day
    """The day on which it is announced to them."""
    how: Line | None = None
    """The channel, and by whom."""


class AgendaItem(WrittenModel):
    """One item of the agenda: a briefing, an experiment, a pause, a question or a debriefing."""

    briefing: Line | None = None
    """What is explained before anything is done."""
    experiment: ExperimentPath | None = None
    """An experiment file, relative to the file of the game day."""
    pause: Line | None = None
    """A break."""
    question: Line | None = None
    """A go or no-go question: with no-go the day stops until it is resumed."""
    debriefing: Line | None = None
    """What is talked about after it."""
    takes: Duration | None = None
    """How long it is meant to take; that of an experiment is worked out from its phases."""
    expected: Line | None = None
    """Of an experiment: what it is expected to show."""
    noticed_first_by: Line | None = None
    """Of an experiment: who or what is expected to notice first, such as an alert."""

    @model_validator(mode="after")
    def _one_kind(self) -> AgendaItem:
        written = [kind for kind in ITEM_KINDS if getattr(self, kind) is not None]
        if len(written) != 1:
            listed = " and ".join(f"`{kind}`" for kind in written) or "no kind of item"
            raise ValueError(f"found {listed}; allowed is one of {', '.join(ITEM_KINDS)}")
        if self.experiment is None and (self.expected or self.noticed_first_by):
            raise ValueError(
                f"found an expectation of a {written[0]}; `expected` and `noticed_first_by` "
                "belong to an experiment"
            )
        return self

    @property
    def kind(self) -> ItemKind:
        """Return which kind of item it is."""
        return next(kind for kind in ITEM_KINDS if getattr(self, kind) is not None)

    @property
    def text(self) -> str:
        """Return what stands behind its kind: words, or the experiment's file."""
        return str(getattr(self, self.kind))


class GameDay(WrittenModel):
    """One game day: people, place, time, and the agenda."""

    title: Line
    """What the day is about, in one line."""
    description: str = Field(default="", max_length=10_000)
    """Why it is held, and what is hoped for."""
    date: Day
    """The day."""
    start: ClockTime = "10:00"
    """When it begins."""
    end: ClockTime = Field(default="16:00", validate_default=True)
    """When it has to be over, debriefing included."""
    time_zone: TimeZone = "UTC"
    """The time zone of `start` and `end`."""
    place: Line
    """Where people meet and talk: a room, a call, a chat."""
    environment: Line
    """Which environment gets the faults, as people call it."""
    windows: Windows = Windows()
    """When the environment may get faults: hours, holidays, freezes, as in a schedule."""
    people: list[Person] = Field(min_length=1, max_length=100)
    """Who takes part."""
    announcements: list[Announcement] = Field(default=[], max_length=100)
    """To whom it is announced, and when."""
    agenda: list[AgendaItem] = Field(min_length=1, max_length=100)
    """What happens, in this order; before each item somebody says go or no-go."""

    @field_validator("people")
    @classmethod
    def _each_once(cls, people: list[Person]) -> list[Person]:
        names = [person.name for person in people]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"found {found(name)} twice; allowed is each person once")
        return people

    @field_validator("end")
    @classmethod
    def _after_start(cls, end: str, info: ValidationInfo) -> str:
        start = info.data.get("start")  # missing where it has a mistake of its own
        if start is not None and clock_time(end) <= clock_time(start):
            raise ValueError(
                f"found `{end}` beside `start: {start}`; allowed is an end later on the same day"
            )
        return end

    def with_role(self, role: Role) -> list[Person]:
        """Return the people of a role."""
        return [person for person in self.people if person.role == role]

    @property
    def who_may_abort(self) -> list[Person]:
        """Return the people on whose word everybody stops."""
        return [person for person in self.people if person.may_abort]

    @property
    def begins(self) -> datetime:
        """Return the moment at which it begins, in its time zone."""
        zone = ZoneInfo(self.time_zone)
        return datetime.combine(self.date, clock_time(self.start), zone)

    @property
    def must_end(self) -> datetime:
        """Return the moment at which it has to be over, in its time zone."""
        zone = ZoneInfo(self.time_zone)
        return datetime.combine(self.date, clock_time(self.end), zone)

    def experiment_file(self, item: AgendaItem, file: Path) -> Path:
        """Return the experiment file of an item; `file` is that of the game day."""
        return file.parent / item.text

    def after(self, seconds: float) -> datetime:
        """Return the moment so many seconds after the begin, in its time zone."""
        zone = ZoneInfo(self.time_zone)
        utc = self.begins.astimezone(ZoneInfo("UTC")) + timedelta(seconds=seconds)
        return utc.astimezone(zone)
