"""`chaos-runner report`: tell the story of a run from its journal alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaos_runner.cli.options.shared import FindingsOption, RunsOption
from chaos_runner.cli.text.output import print_text
from chaos_runner.operations.report import (
    ReportFormat,
    render_report,
    send_report,
    write_html,
    write_report,
)
from chaos_runner.shown import shown


def report(
    run: Annotated[str, typer.Argument(help="A run's id, its directory, or its journal.")],
    form: Annotated[
        ReportFormat,
        typer.Option("--format", help="html, markdown for people; others for programs."),
    ] = ReportFormat.html,
    output_file: Annotated[
        Path | None,
        typer.Option(
            help="Where to write; by default html goes beside the journal, the rest to stdout."
        ),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(help="A Jinja template of yours, instead of a format.", dir_okay=False),
    ] = None,
    logo: Annotated[
        Path | None,
        typer.Option(help="A PNG or SVG image for the top of the page.", dir_okay=False),
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(
            help="Where an OTLP/HTTP receiver listens, for --format opentelemetry; "
            "by default OTEL_EXPORTER_OTLP_ENDPOINT."
        ),
    ] = None,
    findings: FindingsOption = None,
    runs: RunsOption = None,
) -> None:
    """Write the report of a run, finished or not, and print its path or the report itself."""
    from chaos_runner.journal.journal import find_journal
    from chaos_runner.workspace import find_findings, find_runs

    _refuse_contradictions(form, template, logo)
    journal = find_journal(run, find_runs(runs))
    if form is ReportFormat.opentelemetry:
        print_text(f"sent to {send_report(journal, endpoint)}")
        return
    shown_findings = find_findings(findings)
    if form is ReportFormat.html and output_file is None and template is None:
        print_text(str(write_html(journal, logo=logo, findings=shown_findings)))
        return
    text = render_report(journal, form, template=template, logo=logo, findings=shown_findings)
    if output_file is None:
        print(shown(text), end="")
    else:
        print_text(str(write_report(output_file, text)))


def _refuse_contradictions(form: ReportFormat, template: Path | None, logo: Path | None) -> None:
    """Refuse options that would be passed over."""
    from chaos_runner.errors import UsageError

    if form is not ReportFormat.html and (template or logo):
        option = "--template" if template else "--logo"
        raise UsageError(f"--format {form.value}: has no use for {option}", f"leave {option} out")
