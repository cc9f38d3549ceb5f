"""Render the report of a run from its journal, and write it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.journal.garbage import collector_paused

if TYPE_CHECKING:
    from chaos_runner.report.story.model import RunStory

REPORT_NAME = "report.html"


class ReportFormat(StrEnum):
    """The forms in which a report comes."""

    html = "html"
    markdown = "markdown"
    json = "json"
    junit = "junit"
    prometheus = "prometheus"
    grafana = "grafana"
    chaostoolkit = "chaostoolkit"
    opentelemetry = "opentelemetry"
    """Spans that are sent, and not written."""


def write_html(journal: Path, *, logo: Path | None = None, findings: Path | None = None) -> Path:
    """Write `report.html` beside a journal and return its path.

    A link of that name is replaced: the folder may come from somebody else.
    """
    page = render_report(journal, ReportFormat.html, logo=logo, findings=findings)
    return write_beside(journal.parent / REPORT_NAME, page)


@collector_paused()
def render_report(
    journal: Path,
    form: ReportFormat,
    *,
    template: Path | None = None,
    logo: Path | None = None,
    findings: Path | None = None,
) -> str:
    """Return the report of a run, from its journal, in a format that is written.

    With a `template` that decides the form; `findings` is a directory of findings, of which those
    of the run's experiment are shown to people.
    """
    from chaos_runner.operations.findings import today
    from chaos_runner.operations.report.findings import reported_findings
    from chaos_runner.operations.report.template_process import render_own
    from chaos_runner.report import rendering
    from chaos_runner.report.exports.chaostoolkit import as_chaostoolkit
    from chaos_runner.report.exports.grafana import as_grafana
    from chaos_runner.report.exports.junit import as_junit
    from chaos_runner.report.exports.prometheus import as_prometheus

    renderers = {
        ReportFormat.json: rendering.as_json,
        ReportFormat.junit: as_junit,
        ReportFormat.prometheus: as_prometheus,
        ReportFormat.grafana: as_grafana,
        ReportFormat.chaostoolkit: as_chaostoolkit,
    }
    story = _story_of(journal)
    found = reported_findings(story, findings, today()) if findings else ()
    if template is not None:
        source = _read("--template", template).decode("utf-8", errors="replace")
        return render_own(story, str(template), source, found, _logo(logo))
    if form is ReportFormat.html:
        return rendering.as_html(story, found, _logo(logo))
    if form is ReportFormat.markdown:
        return rendering.as_markdown(story, found)
    return renderers[form](story)


def send_report(journal: Path, endpoint: str | None) -> str:
    """Send the spans of a run to an OTLP receiver and return its address."""
    from chaos_runner.operations.report.telemetry import send_spans
    from chaos_runner.report.exports.spans import spans_of

    return send_spans(spans_of(_story_of(journal)), endpoint)


def write_report(path: Path, text: str) -> Path:
    """Write to where the user said; what a link leads to is not guessed at."""
    from chaos_runner.errors import UsageError

    if path.is_symlink():
        raise UsageError(f"{path}: is a link, and is not followed", "name the file it leads to")
    return write_beside(path, text)


def _logo(file: Path | None) -> str:
    from chaos_runner.report.logo import logo_url

    return "" if file is None else logo_url(str(file), _read("--logo", file))


def _read(option: str, file: Path) -> bytes:
    from chaos_runner.errors import UsageError
    from chaos_runner.files import read_limited

    try:
        return read_limited(file)
    except OSError as error:
        raise UsageError(
            f"{option} {file}: cannot be read: {error.strerror}", "name a file of yours"
        ) from error


@collector_paused()
def _story_of(journal: Path) -> RunStory:
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.report.story.report_model import tell_story

    return tell_story(read_journal(journal))


def write_beside(path: Path, text: str) -> Path:
    """Write a file of ours, in place of a link too, so that nobody ever sees half of it."""
    from chaos_runner.errors import UsageError
    from chaos_runner.files import replace_file

    try:
        replace_file(path, text.encode("utf-8", errors="replace"))
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}", "name a place that you can write to"
        ) from error
    return path
