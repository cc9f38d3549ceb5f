"""When each item of the agenda begins, and how long it may take. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chaos_runner.experiment.models import Experiment
from chaos_runner.gameday.load import LoadedDay, LoadedItem
from chaos_runner.gameday.model import SHORTEST
from chaos_runner.planning.timeline.course import course_of


@dataclass(frozen=True)
class Slot:
    """An item with the moment at which it begins when those before it take their longest."""

    entry: LoadedItem
    begins: datetime
    seconds: float


def timetable(loaded: LoadedDay, end_of_faults: Mapping[int, float]) -> tuple[Slot, ...]:
    """Return the slots of the agenda; `end_of_faults` is by the numbers of planned items."""
    slots: list[Slot] = []
    passed = 0.0
    for each in loaded.items:
        seconds = each.item.takes
        if seconds is None and each.experiment is not None:
            seconds = length_of(each.experiment, end_of_faults.get(each.number))
        if seconds is None:
            seconds = SHORTEST[each.item.kind]
        slots.append(Slot(each, loaded.day.after(passed), seconds))
        passed += seconds
    return tuple(slots)


def length_of(experiment: Experiment, end_of_faults: float | None = None) -> float:
    """Return the seconds that a run takes when each phase takes its longest.

    Without a plan the hosts are not known, so that a fault that rolls over them counts as if it
    had the number that is asked for, or one.
    """
    if end_of_faults is None:
        supposed = [("host",) * (entry.targets.count or 1) for entry in experiment.faults]
        end_of_faults = max(each.end for each in course_of(experiment, supposed))
    phases = experiment.phases
    around = (phases.warm_up, phases.before, phases.recovery, phases.after, phases.drain)
    return sum(around) + end_of_faults
