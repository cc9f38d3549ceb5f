"""What people hold in their hands: the run sheet of a game day, and its announcement. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.gameday.environments import markdown
from chaos_runner.gameday.load import LoadedDay
from chaos_runner.gameday.timetable import Slot


@dataclass(frozen=True)
class PlannedItem:
    """What the plan of one experiment says of whom it touches."""

    faults: tuple[str, ...]
    """Each in a few words."""
    targets: tuple[str, ...]
    radius: BlastRadius
    end_of_faults: float
    """Seconds from the begin of `during`."""


@dataclass(frozen=True)
class DayRadius:
    """Whom a whole day would affect: the blast radii of its plans together."""

    targets: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    at_risk: list[str] = field(default_factory=list)
    harmed_topics: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def radius_of_day(planned: Mapping[int, PlannedItem]) -> DayRadius:
    """Return whom the experiments of a day would affect, each name once."""
    whole = DayRadius()
    for each in planned.values():
        radius = each.radius
        for all_, more in (
            (whole.targets, list(each.targets)),
            (whole.gone, radius.gone),
            (whole.at_risk, radius.at_risk),
            (whole.harmed_topics, radius.harmed_topics),
            (whole.groups, [*radius.stuck_groups, *radius.disturbed_groups, *radius.groups]),
            (whole.unknown, [radius.unknown] if radius.unknown else []),
        ):
            all_ += [name for name in dict.fromkeys(more) if name not in all_]
    return whole


def run_sheet(loaded: LoadedDay, slots: Sequence[Slot], planned: Mapping[int, PlannedItem]) -> str:
    """Return the run sheet as Markdown: who, when, what, what ends it; about a page."""
    return markdown(
        "run_sheet.md.j2",
        day=loaded.day,
        slots=slots,
        planned=planned,
        radius=radius_of_day(planned),
    )


def announcement(
    loaded: LoadedDay, slots: Sequence[Slot], planned: Mapping[int, PlannedItem]
) -> str:
    """Return what is sent to those who are told, as Markdown."""
    return markdown(
        "announcement.md.j2",
        day=loaded.day,
        slots=slots,
        planned=planned,
        radius=radius_of_day(planned),
    )
