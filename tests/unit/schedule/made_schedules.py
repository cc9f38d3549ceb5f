"""Schedules made for a test: a file each, with the experiments they name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from chaos_runner.schedule.history import History
from chaos_runner.schedule.load import load_schedule
from chaos_runner.schedule.loaded import LoadedSchedule
from chaos_runner.schedule.occurrences import Occurrence, occurrences

EXPERIMENT = """\
title: {name} loses nothing
owner: {owner}
faults: [{{service_stop: {{service: kafka}}, targets: {{{targets}}}, duration: 30s}}]
phases: {{warm_up: 30s, before: 10s, recovery: 30s, after: 10s, drain: 30s}}
"""
"""A run of it takes some 260 s: its phases, its fault, and two minutes around."""
YEAR = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


def made(
    directory: Path, text: str, *names: str, targets: str = "group: kafka_broker"
) -> LoadedSchedule:
    """Return a schedule, written beside the experiments of some names."""
    for name in names:
        experiment = EXPERIMENT.format(name=name, owner="anna", targets=targets)
        (directory / f"{name}.yml").write_text(experiment)
    file = directory / "schedule.yml"
    file.write_text(text)
    return load_schedule(file)


def all_of(
    loaded: LoadedSchedule,
    begin: datetime = YEAR[0],
    until: datetime = YEAR[1],
    history: History | None = None,
) -> list[Occurrence]:
    """Return every occurrence of a year, or of another time."""
    return list(occurrences(loaded, begin, until, history or History()))


def local(loaded: LoadedSchedule, found: list[Occurrence]) -> list[str]:
    """Return the times of occurrences that come, in the schedule's zone."""
    return [
        f"{each.due.astimezone(loaded.zone):%m-%d %H:%M%z}" for each in found if not each.left_out
    ]
