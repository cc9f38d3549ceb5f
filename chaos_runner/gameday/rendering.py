"""Render the story of a game day: HTML and Markdown for people, JSON for programs."""

from __future__ import annotations

from chaos_runner.gameday.environments import html, markdown
from chaos_runner.gameday.story import DayStory


def as_markdown(story: DayStory) -> str:
    """Return the report as Markdown for a ticket or a wiki."""
    return markdown("report.md.j2", story=story)


def as_html(story: DayStory) -> str:
    """Return one HTML page that needs nothing from anywhere else."""
    return html("report.html.j2", story=story)


def as_json(story: DayStory) -> str:
    """Return the story as JSON, as `chaos_runner.gameday.story` describes it."""
    return story.model_dump_json(indent=2) + "\n"
