"""Load the file of a game day, or tell every mistake in it, and in its experiments, at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from chaos_runner.errors import UsageError
from chaos_runner.experiment.load import check_experiment
from chaos_runner.experiment.models import Experiment
from chaos_runner.gameday.model import AgendaItem, GameDay
from chaos_runner.schedule.calendar_file import ClosedTime, read_calendar
from chaos_runner.yaml_input.checked import Checked, check_document
from chaos_runner.yaml_input.document import Document, read_document
from chaos_runner.yaml_input.named_file import mistakes_in_named
from chaos_runner.yaml_input.problem import KeyPath, Problem, key_text

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
    document: Document = field(default_factory=Document)
    """Where in the file everything stands; empty where the day comes from a journal."""

    @property
    def experiments(self) -> list[tuple[Experiment, Path]]:
        """Return the experiments of the agenda with their files, in order."""
        return [
            (each.experiment, each.file) for each in self.items if each.experiment and each.file
        ]

    def place(self, path: KeyPath) -> str:
        """Return where in its file something stands, or nothing where that is not known."""
        if not self.document.lines:
            return ""
        return Problem(self.document.line_of(path), "", key_text(path)).in_file(self.file)


def check_gameday(file: Path) -> Checked[GameDay]:
    """Return the game day in a file, or its mistakes; its experiments are not read."""
    return _checked(file, read_document(file))


def _checked(file: Path, document: Document) -> Checked[GameDay]:
    if document.readable and document.data is None and not document.problems:
        empty = Problem(1, "", "is empty; examples/gamedays has one")
        return Checked(file, None, (empty,))
    return check_document(file, document, GameDay)


def load_gameday(file: Path) -> LoadedDay:
    """Return a game day with its experiments, or raise UsageError naming every mistake."""
    document = read_document(file)
    checked = _checked(file, document)
    if checked.model is None:
        raise UsageError(checked.message(), HINT)
    return with_experiments(file, checked.model, document)


def with_experiments(file: Path, day: GameDay, document: Document | None = None) -> LoadedDay:
    """Load the experiments of a game day, or raise UsageError naming every mistake in them."""
    document = document or Document()
    items: list[LoadedItem] = []
    mistakes: list[str] = []
    for number, item in enumerate(day.agenda, start=1):
        if item.kind != "experiment":
            items.append(LoadedItem(number, item))
            continue
        its_file = day.experiment_file(item, file)
        found = check_experiment(its_file)
        if found.model is None:
            path = ("agenda", number - 1, "experiment")
            mistakes += mistakes_in_named(its_file, found.problems, file, document, path)
        items.append(LoadedItem(number, item, its_file, found.model))
    closed = _calendar(file, day, document, mistakes)
    if mistakes:
        raise UsageError("\n".join(dict.fromkeys(mistakes)), HINT)
    return LoadedDay(file, day, tuple(items), closed, document)


def _calendar(
    file: Path, day: GameDay, document: Document, mistakes: list[str]
) -> tuple[ClosedTime, ...]:
    if day.windows.calendar is None:
        return ()
    calendar = file.parent / Path(day.windows.calendar).expanduser()
    closed, problems = read_calendar(calendar, ZoneInfo(day.time_zone))
    path = ("windows", "calendar")
    mistakes += mistakes_in_named(calendar, problems, file, document, path)
    return tuple(closed)
