"""`chaos-runner gameday report`: how a game day went, from its journals alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaos_runner.cli.options.shared import RunsOption
from chaos_runner.cli.text.output import print_text
from chaos_runner.operations.gameday.report import DayReportFormat, render_day, write_day
from chaos_runner.operations.report import write_report
from chaos_runner.shown import shown


def report(
    day: Annotated[
        str | None,
        typer.Argument(help="A game day's id, directory or journal; by default the newest."),
    ] = None,
    form: Annotated[
        DayReportFormat, typer.Option("--format", help="html, markdown for people; json.")
    ] = DayReportFormat.html,
    output_file: Annotated[
        Path | None,
        typer.Option(
            help="Where to write; by default html goes beside the journal, the rest to stdout."
        ),
    ] = None,
    runs: RunsOption = None,
) -> None:
    """Write the report of a game day, finished or not: expected and seen, timeline, what next."""
    from chaos_runner.gameday.journal import find_day
    from chaos_runner.workspace import find_runs

    path = find_day(day, find_runs(runs))
    if output_file is None and form is DayReportFormat.html:
        print_text(str(write_day(path)))
        return
    text = render_day(path, form)
    if output_file is None:
        print(shown(text), end="")
    else:
        print_text(str(write_report(output_file, text)))
