"""Arrange what the cluster told of itself as a table: before, during and after the faults."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

from chaos_runner.measurements.model import GroupStatus, Health
from chaos_runner.measurements.phases import COUNTED_DURING
from chaos_runner.report.story.formatting import NOTHING, count, many
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.tables.table_model import Cell, Row, Table

WORST_FIRST: tuple[GroupStatus, ...] = ("REWIND", "STOP", "STALL", "WARN", "OK")


_STRETCHES = {"Before": ("before",), "During": COUNTED_DURING, "After": ("after",)}


def has_cluster_table(story: RunStory) -> bool:
    """Tell whether the cluster gave any answer that counts."""
    return any(answers_in(story, phases) for phases in _STRETCHES.values())


def cluster_table(story: RunStory) -> Table | None:
    """Return the table; None where the cluster gave no answer that counts."""
    stretches = {name: answers_in(story, phases) for name, phases in _STRETCHES.items()}
    known = {name: answers for name, answers in stretches.items() if answers}
    if not known:
        return None
    return Table("Over all topics", tuple(known), tuple(_rows(list(known.values()))))


def answers_in(story: RunStory, phases: Sequence[str]) -> list[Health]:
    """Return the health answers of phases, those that never came left out."""
    moments = [health.elapsed for health in story.health]
    wanted: set[int] = set()
    for span in story.phases:
        if span.phase in phases:
            end = story.stopped if span.end is None else span.end
            wanted.update(range(bisect_left(moments, span.start), bisect_left(moments, end)))
    answers = map(story.health.__getitem__, sorted(wanted))
    return [health for health in answers if health.answered]


def _rows(stretches: Sequence[Sequence[Health]]) -> Iterator[Row]:
    for name, counted, cell in _FIGURES:
        cells = tuple(cell(answers) for answers in stretches)
        if any(each.text != NOTHING for each in cells):
            yield Row(name, counted, cells)
    groups = dict.fromkeys(
        name
        for answers in stretches
        for each in answers
        for name in (*each.groups, *each.unanswered_groups)
    )
    for group in groups:
        cells = tuple(_group(group, answers) for answers in stretches)
        yield Row(f"Group {group}", "worst status, most lag", cells)


def _fewest_brokers(answers: Sequence[Health]) -> Cell:
    return Cell(count(min(map(attrgetter("brokers"), answers))))


def _most(name: str, level: str) -> Callable[[Sequence[Health]], Cell]:
    """Return what tells the most partitions of a kind; `level` marks any of them."""

    def cell(answers: Sequence[Health]) -> Cell:
        known = [number for number in map(attrgetter(name), answers) if number is not None]
        if not known:
            return Cell(NOTHING)
        return Cell(count(max(known)), level=level if max(known) else "")

    return cell


def _changes(*names: str) -> Callable[[Sequence[Health]], Cell]:
    """Return what adds up changes; a dash where no answer counted them."""

    def cell(answers: Sequence[Health]) -> Cell:
        if not any(name in answer.model_fields_set for answer in answers for name in names):
            return Cell(NOTHING)
        sums = (sum(map(attrgetter(name), answers)) for name in names)
        return Cell(" / ".join(map(count, sums)))

    return cell


def _controller(answers: Sequence[Health]) -> Cell:
    known = [answer.controller.active for answer in answers if answer.controller is not None]
    absent = known.count(False)
    if not known:
        return Cell(NOTHING)
    if not absent:
        return Cell("answered")
    return Cell(f"absent in {count(absent)} of {many(len(known), 'answer')}", level="doubtful")


def _group(name: str, answers: Sequence[Health]) -> Cell:
    told = (answer.groups.get(name) for answer in answers)
    fresh = [group for group in told if group is not None and group.is_fresh]
    if not fresh:
        return Cell("no answer", level="doubtful")
    worst = min((each.status for each in fresh), key=WORST_FIRST.index)
    text = f"{worst}, {many(max(each.lag for each in fresh), 'record')} behind"
    silent = len(answers) - len(fresh)
    if silent:
        text += f"; no answer {count(silent)} of {many(len(answers), 'time')}"
    levels = {"OK": "doubtful" if silent else "", "WARN": "doubtful"}
    return Cell(text, level=levels.get(worst, "bad"))


_FIGURES: tuple[tuple[str, str, Callable[[Sequence[Health]], Cell]], ...] = (
    ("Live brokers", "the fewest", _fewest_brokers),
    ("Under-replicated", "partitions, the most", _most("under_replicated", "")),
    ("Below the minimum ISR", "partitions, the most", _most("under_min_isr", "doubtful")),
    ("Offline", "partitions, the most", _most("offline", "bad")),
    ("Not led by the preferred", "partitions, the most", _most("not_preferred", "")),
    ("Leaders moved", "in all", _changes("leader_moves")),
    (
        "Replicas left / joined the ISR",
        "partitions, in all",
        _changes("isr_shrinks", "isr_expands"),
    ),
    ("Active controller", "looked for every second", _controller),
)
