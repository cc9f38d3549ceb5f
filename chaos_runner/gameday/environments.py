"""The texts of game days from their templates, in which whatever people wrote is escaped."""

from __future__ import annotations

from chaos_runner.report.environments import html_environment, markdown_environment

_PACKAGE = "chaos_runner.gameday"


def markdown(template: str, **facts: object) -> str:
    """Return the Markdown of a template below `templates/markdown`."""
    return markdown_environment(_PACKAGE).get_template(f"markdown/{template}").render(**facts)


def html(template: str, **facts: object) -> str:
    """Return the HTML of a template below `templates/html`; it may include the report's parts."""
    return html_environment(_PACKAGE).get_template(f"html/{template}").render(**facts)
