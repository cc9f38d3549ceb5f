"""What stands against holding a game day, as far as its file and its times say. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from chaos_runner.gameday.load import LoadedDay
from chaos_runner.gameday.model import ROLES, GameDay, Role
from chaos_runner.gameday.timetable import Slot
from chaos_runner.schedule.closed import closed_because, outside_hours
from chaos_runner.yaml_input.problem import KeyPath

WEEKEND = 5
"""The first day of it, as Python counts the days of a week."""
NEEDED: tuple[Role, ...] = ("facilitator", "operator")
"""Roles without which nothing can be held; the others are missed."""


Level = Literal["problem", "warning"]
_About = tuple[Level, KeyPath, str]
"""How bad it is, the key that it is about, and the text."""


@dataclass(frozen=True)
class Remark:
    """One thing to look at; a problem keeps the day from being held."""

    level: Level
    text: str
    place: str = ""
    """File, line and key of what it is about, where that is known."""

    @property
    def line(self) -> str:
        """Return the text behind its place."""
        return f"{self.place}: {self.text}" if self.place else self.text


def remarks_on(loaded: LoadedDay, slots: Sequence[Slot], now: datetime) -> list[Remark]:
    """Return what stands against the day, problems first; `now` says what is over already."""
    day = loaded.day
    found = [*_of_people(day), *_of_times(day, slots, now), *_of_agenda(day)]
    found += _of_windows(loaded, slots)
    remarks = [Remark(level, text, loaded.place(path)) for level, path, text in found]
    return sorted(remarks, key=lambda remark: remark.level)


def _of_people(day: GameDay) -> Iterator[_About]:
    for role in ROLES:
        if not day.with_role(role):
            level: Level = "problem" if role in NEEDED else "warning"
            yield level, ("people",), f"nobody is the {role}"
    if not day.who_may_abort:
        text = "nobody may abort: write `may_abort: true` beside one person"
        yield "problem", ("people",), text
    elif not any(person.contact for person in day.who_may_abort):
        yield "warning", ("people",), "nobody who may abort has a `contact`"


def _of_times(day: GameDay, slots: Sequence[Slot], now: datetime) -> Iterator[_About]:
    last = slots[-1]
    over = last.begins + timedelta(seconds=last.seconds)
    if over > day.must_end:
        text = f"the agenda may last until {over:%H:%M}, and the day ends at {day.end}"
        yield "problem", ("end",), text
    if day.must_end < now:
        yield "problem", ("date",), f"{day.date} is over"
    if day.date.weekday() >= WEEKEND:
        yield "warning", ("date",), f"{day.date} is a {day.date:%A}"
    today = now.astimezone(day.begins.tzinfo).date()
    for number, each in enumerate(day.announcements):
        if each.day > day.date:
            text = f"it would be announced to {each.to} on {each.day}, after the day"
            yield "problem", ("announcements", number), text
        elif each.day < today <= day.date:
            text = f"it was to be announced to {each.to} on {each.day}: see that it was so"
            yield "warning", ("announcements", number), text
    if not day.announcements:
        text = "it is announced to nobody: write `announcements` to those it may affect"
        yield "warning", (), text


def _of_windows(loaded: LoadedDay, slots: Sequence[Slot]) -> Iterator[_About]:
    """Yield the experiments that would be on when the environment may get no faults."""
    windows, zone = loaded.day.windows, ZoneInfo(loaded.day.time_zone)
    for each in slots:
        if each.entry.item.kind == "experiment":
            why = outside_hours(windows, zone, each.begins, each.seconds) or closed_because(
                windows, zone, loaded.closed, each.begins, each.seconds
            )
            if why:
                path = ("agenda", each.entry.number - 1)
                yield "problem", path, f"{each.entry.item.text}: {why}"


def _of_agenda(day: GameDay) -> Iterator[_About]:
    kinds = [item.kind for item in day.agenda]
    if "experiment" not in kinds:
        yield "problem", ("agenda",), "the agenda has no experiment"
    for kind in ("briefing", "debriefing"):
        if kind not in kinds:
            yield "warning", ("agenda",), f"the agenda has no {kind}"
    for number, item in enumerate(day.agenda):
        if item.kind == "experiment" and not (item.expected and item.noticed_first_by):
            text = f"{item.text}: write `expected` and `noticed_first_by`, to compare later"
            yield "warning", ("agenda", number), text
