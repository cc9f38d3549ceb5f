"""The occurrences of a schedule, one after the other, with why those are left out that are.

Pure: the same schedule, times and history give the same occurrences, again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from chaos_runner.schedule.closed import closed_because, outside_hours
from chaos_runner.schedule.history import History, PastRun
from chaos_runner.schedule.limits import limit_reached, opted_out
from chaos_runner.schedule.loaded import DueExperiment, LoadedSchedule
from chaos_runner.schedule.rhythm import at_random, by_cron

_REMEMBERED = timedelta(days=8)
"""Longer than any limit looks back, but `least_between`."""


@dataclass(frozen=True)
class Occurrence:
    """One time at which an experiment of a schedule is due."""

    experiment: str
    due: datetime
    """UTC, in whole seconds."""
    left_out: str = ""
    """Why it does not come; empty where it does."""


def occurrences(
    loaded: LoadedSchedule, begin: datetime, until: datetime, history: History
) -> Iterator[Occurrence]:
    """Yield each occurrence from `begin` on and before `until` not dealt with, by time and name.

    A run that is expected counts for what comes after it: for as long as it takes, about, on
    the groups and hosts that its experiment names. `history` says what has really been.
    """
    kept = list(history.runs)
    windows = loaded.schedule.windows
    times = (_times(loaded, each, begin, until) for each in loaded.experiments)
    for due, name in merge(*times):
        experiment = loaded.experiment(name)
        if experiment is None or (name, due) in history.dealt_with:
            continue
        out_of_hours = outside_hours(windows, loaded.zone, due, experiment.seconds)
        if out_of_hours and experiment.cron is None:
            continue  # drawn in an hour that a change of the clock took away
        oldest = due - max(_REMEMBERED, timedelta(seconds=loaded.schedule.limits.least_between))
        kept = [each for each in kept if each.end >= oldest]
        reason = out_of_hours or _left_out(loaded, experiment, due, history, kept)
        if not reason:
            kept.append(_expected(experiment, due))
        yield Occurrence(name, due, reason)


def _left_out(
    loaded: LoadedSchedule,
    experiment: DueExperiment,
    due: datetime,
    history: History,
    kept: list[PastRun],
) -> str:
    groups, hosts = experiment.groups, experiment.hosts
    windows = loaded.schedule.windows
    return (
        closed_because(windows, loaded.zone, loaded.closed, due, experiment.seconds)
        or history.all_held
        or history.held.get(experiment.name, "")
        or opted_out(loaded, due, groups, hosts)
        or limit_reached(loaded, due, groups, hosts, kept)
    )


def _times(
    loaded: LoadedSchedule, experiment: DueExperiment, begin: datetime, until: datetime
) -> Iterator[tuple[datetime, str]]:
    zone, seed = loaded.zone, loaded.schedule.seed
    if experiment.cron is not None:
        times = by_cron(experiment.cron, zone, begin, until)
    else:
        mean = experiment.mean or 0.0
        times = at_random(experiment.name, mean, experiment.week, zone, seed, begin, until)
    return ((moment, experiment.name) for moment in times)


def _expected(experiment: DueExperiment, due: datetime) -> PastRun:
    end = due + timedelta(seconds=experiment.seconds)
    return PastRun(experiment.name, due, end, experiment.groups, experiment.hosts)
