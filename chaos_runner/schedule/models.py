"""A schedule as a user writes it, one YAML file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from chaos_runner.experiment.clock import WEEKDAYS, Hours, TimeZone, Weekday
from chaos_runner.experiment.models import Line
from chaos_runner.experiment.targets import GroupName
from chaos_runner.schedule.country import check_country
from chaos_runner.schedule.named_files import CalendarPath, ExperimentPath
from chaos_runner.schedule.values import DAY, CronLine, LongDuration, format_long_duration
from chaos_runner.units import Within
from chaos_runner.yaml_input.days import Day
from chaos_runner.yaml_input.written_model import WrittenModel

Lead = Annotated[LongDuration, Within(0.0, 7.0 * DAY, format_long_duration)]


class AtRandom(WrittenModel):
    """Odd times: each moment of the windows is as likely as any other."""

    mean: Annotated[LongDuration, Within(600.0, 366.0 * DAY, format_long_duration)]
    """From one to the next, on the average over ordinary weeks: 10m to 366d."""


class ScheduledExperiment(WrittenModel):
    """One experiment and its rhythm."""

    experiment: ExperimentPath
    """The experiment's file, relative to the schedule's."""
    cron: CronLine | None = None
    """When it comes, in the five fields of cron: minute, hour, day of month, month, weekday."""
    at_random: AtRandom | None = None
    """Instead of `cron`: how far apart it comes on the average."""

    @model_validator(mode="after")
    def _one_rhythm(self) -> ScheduledExperiment:
        if (self.cron is None) == (self.at_random is None):
            raise ValueError("needs a rhythm: either `cron` or `at_random`")
        return self


class Holidays(WrittenModel):
    """The public holidays of a country, on which nothing comes."""

    country: Line
    """The country's code of two letters, such as `CH`."""
    subdivision: Line | None = None
    """A part of the country, such as `ZH`."""

    @model_validator(mode="after")
    def _known(self) -> Holidays:
        check_country(self.country, self.subdivision)
        return self


class Freeze(WrittenModel):
    """Days on which nothing comes."""

    first_day: Day
    """The first day."""
    last_day: Day
    """The last day, which belongs to it."""
    reason: Line
    """Why."""

    @model_validator(mode="after")
    def _in_order(self) -> Freeze:
        if self.last_day < self.first_day:
            raise ValueError("has its last day before its first")
        return self


class Windows(WrittenModel):
    """When an experiment may be on, from its begin to its expected end."""

    weekdays: list[Weekday] = Field(default=list(WEEKDAYS), min_length=1, max_length=7)
    """Days of the week: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`; all by default."""
    hours: list[Hours] = Field(default=["00:00-24:00"], min_length=1, max_length=24)
    """Hours of these days in the schedule's time zone, such as `09:00-12:00`; all by default."""
    holidays: list[Holidays] = Field(default=[], max_length=20)
    """Countries whose public holidays are kept free."""
    freezes: list[Freeze] = Field(default=[], max_length=200)
    """Days that are kept free."""
    calendar: CalendarPath | None = None
    """An iCalendar file (`.ics`), relative to the schedule's: during its events nothing comes."""


class Limits(WrittenModel):
    """How much is enough. A day is one of the schedule's time zone."""

    per_day: int | None = Field(default=None, ge=1, le=1000)
    """So many experiments a day at most."""
    per_group: int | None = Field(default=None, ge=1, le=1000)
    """So many a day at most on one group of the inventory."""
    per_host: int | None = Field(default=None, ge=1, le=1000)
    """So many a day at most on one host."""
    least_between: LongDuration = 0.0
    """From the end of one to the begin of the next, at least."""


class OptOut(WrittenModel):
    """A group or a host that gets no fault for a while."""

    group: GroupName | None = None
    """A group of the inventory."""
    host: Line | None = None
    """Instead of a group: a host of the inventory."""
    reason: Line
    """Why."""
    last_day: Day
    """The last day on which it counts."""

    @model_validator(mode="after")
    def _one_of_them(self) -> OptOut:
        if (self.group is None) == (self.host is None):
            raise ValueError("needs either `group` or `host`")
        return self


class Budget(WrittenModel):
    """What clients may lose to the schedule before it rests."""

    outage_per_week: LongDuration
    """The outages that the runs of seven days measured, added up: with so much nothing more comes
    until the oldest of them is a week old."""


class Announcements(WrittenModel):
    """When the receivers of the environment hear that an experiment comes."""

    lead: Lead = 0.0
    """How long before the begin, up to 7d."""


class Schedule(WrittenModel):
    """One schedule: experiments that come by themselves, and what keeps them away."""

    title: Line
    """What it is for, in one line."""
    owner: Line | None = None
    """Who answers for it, where an experiment names no owner."""
    time_zone: TimeZone = "UTC"
    """The time zone of its hours and days, such as `Europe/Zurich`."""
    seed: int = Field(default=0, ge=0, le=2**63 - 1)
    """The same seed draws the same times."""
    experiments: list[ScheduledExperiment] = Field(min_length=1, max_length=200)
    """The experiments, each with its rhythm."""
    windows: Windows = Windows()
    """When an experiment may be on; by default always."""
    limits: Limits = Limits()
    """How much is enough; two are never on at once."""
    opt_outs: list[OptOut] = Field(default=[], max_length=1000)
    """Groups and hosts that get no fault for a while."""
    budget: Budget | None = None
    """What clients may lose before the schedule rests."""
    announce: Announcements | None = None
    """Whether an experiment is announced before it comes; one of which nobody could be notified
    does not come."""

    @field_validator("experiments")
    @classmethod
    def _once_each(cls, written: list[ScheduledExperiment]) -> list[ScheduledExperiment]:
        files = [each.experiment for each in written]
        twice = next((file for file in files if files.count(file) > 1), None)
        if twice is not None:
            raise ValueError(f"names `{twice}` twice; allowed is one rhythm for each experiment")
        return written
