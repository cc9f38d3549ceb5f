"""Load a schedule with the files it names, or say every mistake in them at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.experiment.clock import zone_of
from chaos_runner.experiment.load import check_experiment
from chaos_runner.schedule.calendar_file import ClosedTime, read_calendar
from chaos_runner.schedule.loaded import DueExperiment, LoadedSchedule, expected_seconds
from chaos_runner.schedule.models import Schedule, ScheduledExperiment
from chaos_runner.schedule.ordinary_week import ordinary_week
from chaos_runner.yaml_input.checked import check_document
from chaos_runner.yaml_input.document import Document, read_document
from chaos_runner.yaml_input.named_file import mistakes_in_named
from chaos_runner.yaml_input.problem import Problem, key_text

HINT = "`chaos-runner schema schedule` lists every key; docs/guide/schedule.md explains them"


@dataclass(frozen=True)
class CheckedSchedule:
    """A schedule as it was read, or what stands against it."""

    loaded: LoadedSchedule | None
    mistakes: tuple[str, ...] = ()
    """One line each, with file and line."""


def load_schedule(file: Path) -> LoadedSchedule:
    """Return the schedule in a file; raise UsageError naming every mistake of all its files."""
    checked = check_schedule(file)
    if checked.loaded is None:
        raise UsageError("\n".join(checked.mistakes), HINT)
    return checked.loaded


def check_schedule(file: Path) -> CheckedSchedule:
    """Return the schedule in a file, or the mistakes of it and of the files it names."""
    document = read_document(file)
    if document.readable and document.data is None and not document.problems:
        return CheckedSchedule(None, (Problem(1, "", "is empty").in_file(file),))
    checked = check_document(file, document, Schedule)
    if checked.model is None:
        return CheckedSchedule(None, tuple(each.in_file(file) for each in checked.problems))
    schedule = checked.model
    mistakes: list[str] = []
    experiments: list[DueExperiment] = []
    for number, entry in enumerate(schedule.experiments):
        read = _experiment(file, document, number, entry, schedule, mistakes)
        if read is not None:
            experiments.append(read)
    names = [each.name for each in experiments]
    for number, name in enumerate(names):
        if name in names[:number]:
            where = document.line_of(("experiments", number))
            text = f"has the name `{name}` of another one; journals know experiments by it"
            mistakes.append(Problem(where, key_text(("experiments", number)), text).in_file(file))
    closed = _calendar(file, schedule, document, mistakes)
    if mistakes:
        return CheckedSchedule(None, tuple(mistakes))
    return CheckedSchedule(LoadedSchedule(file, schedule, tuple(experiments), closed))


def _experiment(
    file: Path,
    document: Document,
    number: int,
    entry: ScheduledExperiment,
    schedule: Schedule,
    mistakes: list[str],
) -> DueExperiment | None:
    named = _beside(file, entry.experiment)
    checked = check_experiment(named)
    if checked.model is None:
        path = ("experiments", number, "experiment")
        mistakes += mistakes_in_named(named, checked.problems, file, document, path)
        return None
    try:
        week = ordinary_week(schedule.windows, expected_seconds(checked.model))
    except ValueError as error:
        line = document.line_of(("experiments", number))
        mistakes.append(Problem(line, key_text(("experiments", number)), str(error)).in_file(file))
        return None
    return DueExperiment(
        name=named.stem,
        file=named,
        experiment=checked.model,
        cron=entry.cron,
        mean=entry.at_random.mean if entry.at_random else None,
        week=week,
    )


def _calendar(
    file: Path, schedule: Schedule, document: Document, mistakes: list[str]
) -> tuple[ClosedTime, ...]:
    named = schedule.windows.calendar
    if named is None:
        return ()
    calendar = _beside(file, named)
    closed, problems = read_calendar(calendar, zone_of(schedule.time_zone))
    path = ("windows", "calendar")
    mistakes += mistakes_in_named(calendar, problems, file, document, path)
    return tuple(closed)


def _beside(file: Path, named: str) -> Path:
    return file.parent / Path(named).expanduser()


def schema_text() -> str:
    """Return the JSON Schema of a schedule as the text of its file, for editors."""
    schema = Schedule.model_json_schema()
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps({"$schema": dialect, **schema}, indent=2) + "\n"
