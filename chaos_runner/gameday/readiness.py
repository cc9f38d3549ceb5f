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

WEEKEND = 5
"""The first day of it, as Python counts the days of a week."""
NEEDED: tuple[Role, ...] = ("facilitator", "operator")
"""Roles without which nothing can be held; the others are missed."""


@dataclass(frozen=True)
class Remark:
    """One thing to look at; a problem keeps the day from being held."""

    level: Literal["problem", "warning"]
    text: str


def remarks_on(loaded: LoadedDay, slots: Sequence[Slot], now: datetime) -> list[Remark]:
    """Return what stands against the day, problems first; `now` says what is over already."""
    day = loaded.day
    found = [*_of_people(day), *_of_times(day, slots, now), *_of_agenda(day)]
    found += _of_windows(loaded, slots)
    return sorted(found, key=lambda remark: remark.level)


def _of_people(day: GameDay) -> Iterator[Remark]:
    for role in ROLES:
        if not day.with_role(role):
            level: Literal["problem", "warning"] = "problem" if role in NEEDED else "warning"
            yield Remark(level, f"nobody is the {role}")
    if not day.who_may_abort:
        yield Remark("problem", "nobody may abort: write `may_abort: true` beside one person")
    elif not any(person.contact for person in day.who_may_abort):
        yield Remark("warning", "nobody who may abort has a `contact`")


def _of_times(day: GameDay, slots: Sequence[Slot], now: datetime) -> Iterator[Remark]:
    last = slots[-1]
    over = last.begins + timedelta(seconds=last.seconds)
    if over > day.must_end:
        yield Remark(
            "problem", f"the agenda may last until {over:%H:%M}, and the day ends at {day.end}"
        )
    if day.must_end < now:
        yield Remark("problem", f"{day.date} is over")
    if day.date.weekday() >= WEEKEND:
        yield Remark("warning", f"{day.date} is a {day.date:%A}")
    today = now.astimezone(day.begins.tzinfo).date()
    for each in day.announcements:
        if each.day > day.date:
            text = f"it would be announced to {each.to} on {each.day}, after the day"
            yield Remark("problem", text)
        elif each.day < today <= day.date:
            text = f"it was to be announced to {each.to} on {each.day}: see that it was so"
            yield Remark("warning", text)
    if not day.announcements:
        yield Remark(
            "warning", "it is announced to nobody: write `announcements` to those it may affect"
        )


def _of_windows(loaded: LoadedDay, slots: Sequence[Slot]) -> Iterator[Remark]:
    """Yield the experiments that would be on when the environment may get no faults."""
    windows, zone = loaded.day.windows, ZoneInfo(loaded.day.time_zone)
    for each in slots:
        if each.entry.item.kind == "experiment":
            why = outside_hours(windows, zone, each.begins, each.seconds) or closed_because(
                windows, zone, loaded.closed, each.begins, each.seconds
            )
            if why:
                yield Remark("problem", f"{each.entry.item.text}: {why}")


def _of_agenda(day: GameDay) -> Iterator[Remark]:
    kinds = [item.kind for item in day.agenda]
    if "experiment" not in kinds:
        yield Remark("problem", "the agenda has no experiment")
    for kind in ("briefing", "debriefing"):
        if kind not in kinds:
            yield Remark("warning", f"the agenda has no {kind}")
    for item in day.agenda:
        if item.kind == "experiment" and not (item.expected and item.noticed_first_by):
            yield Remark(
                "warning", f"{item.text}: write `expected` and `noticed_first_by`, to compare later"
            )
