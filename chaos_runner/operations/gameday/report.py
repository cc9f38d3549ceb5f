"""Render the report of a game day from its journal and those of its runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.gameday.journal import ReadDay
    from chaos_runner.gameday.story import DayStory

REPORT_NAME = "report.html"
MOST_RUNS = 200
"""Runs of one day that are read; an agenda has at most a hundred items."""


class DayReportFormat(StrEnum):
    """The forms in which the report of a game day comes."""

    html = "html"
    markdown = "markdown"
    json = "json"


def story_of_day(path: Path) -> DayStory:
    """Return the story of a game day; a run whose journal cannot be read is noted."""
    from chaos_runner.errors import UsageError
    from chaos_runner.gameday.journal import read_day
    from chaos_runner.gameday.telling import tell_day
    from chaos_runner.journal.journal import journal_in
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.operations.gameday.walk import day_of
    from chaos_runner.report.story.report_model import tell_story

    read = read_day(path)
    runs, notes = {}, list(read.notes)
    for run in _runs_of(read):
        try:
            journal = read_journal(journal_in(read.runs_directory / run))
        except UsageError as error:
            notes.append(f"The run {run} is left out: {error.message}.")
        else:
            runs[run] = tell_story(journal)
    story = tell_day(read, day_of(read), runs)
    return story.model_copy(update={"notes": tuple(notes)})


def _runs_of(read: ReadDay) -> list[str]:
    """Return the runs of a day, each once; not all of thousands."""
    from chaos_runner.gameday.events import RunBegan

    named = [event.run for event in read.events if isinstance(event, RunBegan)]
    return list(dict.fromkeys(named))[:MOST_RUNS]


def render_day(path: Path, form: DayReportFormat) -> str:
    """Return the report of a game day in a format."""
    from chaos_runner.gameday import rendering

    renderers = {
        DayReportFormat.html: rendering.as_html,
        DayReportFormat.markdown: rendering.as_markdown,
        DayReportFormat.json: rendering.as_json,
    }
    return renderers[form](story_of_day(path))


def write_day(path: Path) -> Path:
    """Write `report.html` beside the journal of a game day and return its path."""
    from chaos_runner.operations.report import write_beside

    return write_beside(path.parent / REPORT_NAME, render_day(path, DayReportFormat.html))
