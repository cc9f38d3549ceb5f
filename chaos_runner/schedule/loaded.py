"""A schedule with its experiments and its calendar, as its files were when they were read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from chaos_runner.experiment.clock import zone_of
from chaos_runner.experiment.models import Experiment, FaultEntry
from chaos_runner.schedule.calendar_file import ClosedTime
from chaos_runner.schedule.models import Schedule
from chaos_runner.schedule.ordinary_week import OrdinaryWeek

UNSEEN = 120.0
"""Seconds that a run takes beyond its phases and faults: planning, putting on and taking back."""


@dataclass(frozen=True)
class DueExperiment:
    """One experiment of a schedule, read."""

    name: str
    """The name of its file, without folder and ending."""
    file: Path
    experiment: Experiment
    cron: str | None
    mean: float | None
    """Seconds; where it has no cron line."""
    week: OrdinaryWeek
    """When it may begin."""

    @property
    def seconds(self) -> float:
        """Return how long a run of it takes, about."""
        return expected_seconds(self.experiment)

    @property
    def groups(self) -> frozenset[str]:
        """Return the groups that its targets name."""
        targets = [entry.targets for entry in self.experiment.faults]
        return frozenset(each.group for each in targets if each.hosts is None)

    @property
    def hosts(self) -> frozenset[str]:
        """Return the hosts that its targets name one by one."""
        patterns = [entry.targets.hosts for entry in self.experiment.faults]
        names = [name for each in patterns if each for name in each.split(",")]
        return frozenset(name for name in names if not set("*?[]:&!~") & set(name))


@dataclass(frozen=True)
class LoadedSchedule:
    """A schedule, and all that its files say."""

    file: Path
    schedule: Schedule
    experiments: tuple[DueExperiment, ...]
    closed: tuple[ClosedTime, ...] = ()
    """The events of its calendar file, by their begin."""

    @property
    def name(self) -> str:
        """Return the name of its file, without folder and ending."""
        return self.file.stem

    @property
    def zone(self) -> tzinfo:
        """Return its time zone."""
        return zone_of(self.schedule.time_zone)

    def experiment(self, name: str) -> DueExperiment | None:
        """Return one of its experiments by name, or None."""
        return next((each for each in self.experiments if each.name == name), None)


def expected_seconds(experiment: Experiment) -> float:
    """Return how long a run takes at most, about: all its phases and its faults one by one."""
    phases = experiment.phases
    around = phases.warm_up + phases.before + phases.recovery + phases.after + phases.drain
    return around + max(map(_longest, experiment.faults)) + UNSEEN


def _longest(entry: FaultEntry) -> float:
    """Return when the last occurrence of a fault is over, from the begin of the first phase."""
    batches = math.ceil((entry.targets.count or 1) / (entry.serial or 1)) if entry.serial else 1
    once = batches * entry.duration.most
    if entry.pause is not None:
        once += (batches - 1) * entry.pause.most
    if entry.repeat is not None:
        once += (entry.repeat.times - 1) * max(entry.repeat.every.most, once)
    return once + (entry.start.most if entry.start is not None else 0.0)
