"""Load the file of a game day, or tell every mistake in it, and in its experiments, at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from chaos_runner.errors import UsageError
from chaos_runner.experiment.load import check_experiment
from chaos_runner.experiment.models import Experiment
from chaos_runner.gameday.model import AgendaItem, GameDay
from chaos_runner.schedule.calendar_file import ClosedTime, read_calendar
from chaos_runner.yaml_input.checked import Checked, check_document
from chaos_runner.yaml_input.document import read_document
from chaos_runner.yaml_input.problem import Problem

HINT = "`chaos-runner schema gameday` lists every key; docs/guide/gameday.md explains them"


@dataclass(frozen=True)
class LoadedItem:
    """An item of the agenda, with its experiment where it is one."""

    number: int
    """Its place on the agenda, counted from 1."""
    item: AgendaItem
    file: Path | None = None
    experiment: Experiment | None = None

    @property
    def title(self) -> str:
        """Return the experiment's title, or the words of the item."""
        return self.experiment.title if self.experiment else self.item.text

    @property
    def required(self) -> tuple[Experiment, Path]:
        """Return the experiment and its file; raise UsageError where it is no such item."""
        if self.experiment is None or self.file is None:
            raise UsageError(f"item {self.number} of the agenda is no experiment")
        return self.experiment, self.file


@dataclass(frozen=True)
class LoadedDay:
    """A game day, the file it was read from, and its agenda with the experiments."""

    file: Path
    day: GameDay
    items: tuple[LoadedItem, ...]
    closed: tuple[ClosedTime, ...] = ()
    """The events of the calendar of its windows."""

    @property
    def experiments(self) -> list[tuple[Experiment, Path]]:
        """Return the experiments of the agenda with their files, in order."""
        return [
            (each.experiment, each.file) for each in self.items if each.experiment and each.file
        ]


def check_gameday(file: Path) -> Checked[GameDay]:
    """Return the game day in a file, or its mistakes; its experiments are not read."""
    document = read_document(file)
    if document.readable and document.data is None and not document.problems:
        empty = Problem(1, "", "is empty; examples/gamedays has one")
        return Checked(file, None, (empty,))
    return check_document(file, document, GameDay)


def load_gameday(file: Path) -> LoadedDay:
    """Return a game day with its experiments, or raise UsageError naming every mistake."""
    checked = check_gameday(file)
    if checked.model is None:
        raise UsageError(checked.message(), HINT)
    return with_experiments(file, checked.model)


def with_experiments(file: Path, day: GameDay) -> LoadedDay:
    """Load the experiments of a game day, or raise UsageError naming every mistake in them."""
    items: list[LoadedItem] = []
    mistakes: list[str] = []
    for number, item in enumerate(day.agenda, start=1):
        if item.kind != "experiment":
            items.append(LoadedItem(number, item))
            continue
        its_file = day.experiment_file(item, file)
        found = check_experiment(its_file)
        if found.model is None:
            mistakes.append(found.message())
        items.append(LoadedItem(number, item, its_file, found.model))
    closed = _calendar(file, day, mistakes)
    if mistakes:
        raise UsageError("\n".join(dict.fromkeys(mistakes)), HINT)
    return LoadedDay(file, day, tuple(items), closed)


def _calendar(file: Path, day: GameDay, mistakes: list[str]) -> tuple[ClosedTime, ...]:
    if day.windows.calendar is None:
        return ()
    calendar = file.parent / Path(day.windows.calendar).expanduser()
    closed, problems = read_calendar(calendar, ZoneInfo(day.time_zone))
    mistakes += [problem.in_file(calendar) for problem in problems]
    return tuple(closed)
