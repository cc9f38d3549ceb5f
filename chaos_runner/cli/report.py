"""`chaos-runner report`: tell the story of a run from its journal alone."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.text.output import print_text
from chaos_runner.shown import shown

if TYPE_CHECKING:
    from chaos_runner.report.story.model import RunStory

REPORT_NAME = "report.html"


class ReportFormat(StrEnum):
    """Name the forms a report comes in."""

    html = "html"
    markdown = "markdown"
    json = "json"


def report(
    run: Annotated[str, typer.Argument(help="A run's id, its directory, or its journal.")],
    form: Annotated[
        ReportFormat, typer.Option("--format", help="html for people, the others for machines.")
    ] = ReportFormat.html,
    output_file: Annotated[
        Path | None,
        typer.Option(
            help="Where to write; by default html goes beside the journal, the rest to stdout."
        ),
    ] = None,
    runs: Annotated[
        Path | None,
        typer.Option(
            "--runs", help="Where journals and reports are kept.", envvar="CHAOS_RUNNER_RUNS"
        ),
    ] = None,
) -> None:
    """Write the report of a run, finished or not, and print its path or the report itself."""
    from chaos_runner.journal.reader import find_journal
    from chaos_runner.workspace import find_runs

    journal = find_journal(run, find_runs(runs))
    if form is ReportFormat.html and output_file is None:
        print_text(str(write_html(journal)))
        return
    text = _render(_story(journal), form)
    if output_file is None:
        print(shown(text), end="")
    else:
        print_text(str(_write_named(output_file, text)))


def write_html(journal: Path) -> Path:
    """Write `report.html` beside a journal and return its path.

    A link of that name is replaced: the folder may come from somebody else.
    """
    return _write(journal.parent / REPORT_NAME, _render(_story(journal), ReportFormat.html))


def _story(journal: Path) -> RunStory:
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.report.story.report_model import tell_story

    return tell_story(read_journal(journal))


def _render(story: RunStory, form: ReportFormat) -> str:
    from chaos_runner.report import rendering

    renderers = {
        ReportFormat.html: rendering.as_html,
        ReportFormat.markdown: rendering.as_markdown,
        ReportFormat.json: rendering.as_json,
    }
    return renderers[form](story)


def _write_named(path: Path, text: str) -> Path:
    """Write to where the user said; what a link leads to is not guessed at."""
    from chaos_runner.errors import UsageError

    if path.is_symlink():
        raise UsageError(f"{path}: is a link, and is not followed", "name the file it leads to")
    return _write(path, text)


def _write(path: Path, text: str) -> Path:
    """Write a file so that nobody ever sees half of it."""
    from chaos_runner.errors import UsageError
    from chaos_runner.files import replace_file

    try:
        replace_file(path, text.encode("utf-8", errors="replace"))
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}", "name another place: --output-file"
        ) from error
    return path
