"""Render the story of a run: HTML for people, Markdown for tickets, JSON for programs.

Everything in a journal may come from a stranger (titles, host names, messages of hosts), so
both template environments escape every expression by themselves, and templates never switch
that off.
"""

from __future__ import annotations

import re
from datetime import datetime

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from chaos_runner.report import tables, words
from chaos_runner.report.charts import HEIGHT, charts_of
from chaos_runner.report.geometry import WIDTH
from chaos_runner.report.model import RunStory
from chaos_runner.report.remarks import tolerance_words
from chaos_runner.report.summary import advice_on
from chaos_runner.report.timeline import timeline_of

_INVISIBLE = {
    code: None
    for code in (
        *range(0x09),
        *range(0x0B, 0x20),
        *range(0x7F, 0xA0),
        *range(0x200E, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
}
"""Control characters, and those that turn the direction of text around: never shown."""
_MARKUP = re.compile(r"([\\`*\[\]|~$#!]|(?<!\w)_|_(?!\w))")
"""What Markdown would take for itself; `_` inside a word is harmless."""


class Verbatim(str):
    """Mark text that is Markdown already, so that it is not escaped again."""

    __slots__ = ()


def as_json(story: RunStory) -> str:
    """Return the story as JSON, as `chaos_runner.report.model` describes it."""
    return story.model_dump_json(indent=2) + "\n"


def as_html(story: RunStory) -> str:
    """Return one HTML page that needs nothing from anywhere else."""
    timeline = timeline_of(story)
    return _html_environment().get_template("report.html.j2").render(
        story=story,
        timeline=timeline,
        charts=charts_of(story, timeline.axis),
        figures=tables.figures(story),
        **_shared(story),
        chart_width=WIDTH,
        chart_height=HEIGHT,
    )


def as_markdown(story: RunStory) -> str:
    """Return the same facts as Markdown for a ticket or a wiki, without the curves."""
    return _markdown_environment().get_template("report.md.j2").render(
        story=story, **_shared(story)
    )


def _shared(story: RunStory) -> dict[str, object]:
    return {
        "advice": advice_on(story),
        "tolerances": tables.tolerance_rows(story),
        "ledger_headings": tables.LEDGER_HEADINGS,
        "experiment": yaml.safe_dump(story.experiment, sort_keys=False, allow_unicode=True),
    }


def _html_environment() -> Environment:
    return _environment(autoescape=True, finalize=_visible)


def _markdown_environment() -> Environment:
    environment = _environment(autoescape=False, finalize=_escaped_markdown)
    environment.filters["code"] = _code
    environment.filters["block"] = _block
    return environment


def _environment(**settings: object) -> Environment:
    environment = Environment(  # noqa: S701
        loader=PackageLoader("chaos_runner.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **settings,
    )
    environment.filters.update(
        cells=tables.ledger_cells,
        clock=_clock,
        count=words.count,
        day=_day,
        duration=words.duration,
        hand=words.HAND_WORDS.__getitem__,
        names=words.names,
        offset=words.offset,
        short=_short,
        tolerance=tolerance_words,
    )
    return environment


def _visible(value: object) -> object:
    """Drop characters nobody can see; text that is already markup came from a template."""
    return value.translate(_INVISIBLE) if type(value) is str else value


def _escaped_markdown(value: object) -> str:
    """Keep a value on one line and out of Markdown's syntax, tables and raw HTML included."""
    if isinstance(value, Verbatim):
        return value
    text = " ".join(str(value).translate(_INVISIBLE).split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKUP.sub(r"\\\1", text)


def _code(text: str) -> Verbatim:
    """Return inline code that survives backticks and, in a table, pipes."""
    line = " ".join(text.translate(_INVISIBLE).split()).replace("|", "\\|")
    fence = _fence(line, "`")
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return Verbatim(f"{fence}{space}{line}{space}{fence}" if line else "")


def _block(text: str) -> Verbatim:
    """Return a code block whose fence is longer than any run of backticks in it."""
    body = text.translate(_INVISIBLE).rstrip("\n")
    fence = _fence(body, "```")
    return Verbatim(f"{fence}\n{body}\n{fence}")


def _fence(text: str, shortest: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(len(shortest), longest + 1)


def _short(fingerprint: str) -> str:
    """Return the beginning of each SHA-256; a host with several faults has several."""
    return " ".join(part[:12] for part in fingerprint.split())


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
