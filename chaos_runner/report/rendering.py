"""Render the story of a run: HTML for people, Markdown for tickets, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment
from markupsafe import Markup

from chaos_runner.report.environments import html_environment, markdown_environment
from chaos_runner.report.markup import Verbatim
from chaos_runner.report.sections.registry import sections
from chaos_runner.report.sections.section import Subject
from chaos_runner.report.story.findings import ReportedFinding
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.story.summary import advice_on, without_verdict
from chaos_runner.report.tables import tables


@dataclass(frozen=True)
class RenderedSection:
    """A section as it stands in a report."""

    name: str
    title: str
    body: str
    is_folded: bool


def as_json(story: RunStory) -> str:
    """Return the story as JSON, as `chaos_runner.report.story.model` describes it."""
    return story.model_dump_json(indent=2) + "\n"


def as_html(story: RunStory, findings: Sequence[ReportedFinding] = (), logo: str = "") -> str:
    """Return one HTML page that needs nothing from anywhere else; `logo` is a data URL."""
    environment = html_environment()
    subject = Subject(story, findings)
    return environment.get_template("html/page.html.j2").render(
        story=story,
        findings=findings,
        logo=logo,
        advice=advice_on(story),
        told=without_verdict(story),
        figures=tables.figures(story),
        sections=[
            RenderedSection(name, title, Markup(body), folded)  # noqa: S704  # a template's own
            for name, title, body, folded in _bodies(subject, environment, "html")
        ],
    )


def as_markdown(story: RunStory, findings: Sequence[ReportedFinding] = ()) -> str:
    """Return the same facts as Markdown for a ticket or a wiki, without the curves."""
    environment = markdown_environment()
    subject = Subject(story, findings)
    return environment.get_template("markdown/page.md.j2").render(
        story=story,
        advice=advice_on(story),
        sections=[
            RenderedSection(name, title, Verbatim(body.strip()), folded)
            for name, title, body, folded in _bodies(subject, environment, "markdown")
        ],
    )


def _bodies(
    subject: Subject, environment: Environment, form: str
) -> Iterator[tuple[str, str, str, bool]]:
    """Yield name, title, rendered body, and whether it is folded, of each section shown."""
    suffix = "html" if form == "html" else "md"
    for section in sections():
        if section.is_shown(subject) and (form == "html" or section.is_in_markdown):
            template = environment.get_template(f"{form}/{section.name}.{suffix}.j2")
            body = template.render(
                story=subject.story, findings=subject.findings, **section.facts(subject)
            )
            yield section.name, section.title_of(subject), body, section.is_folded
