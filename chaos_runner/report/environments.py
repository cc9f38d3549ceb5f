"""The Jinja environments of the report's own templates.

Everything in a journal may come from a stranger (titles, host names, messages of hosts), so
every expression of a template is escaped without being told to, in HTML by Jinja's own
escaping and in Markdown by `markup.escaped_markdown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    select_autoescape,
)

from chaos_runner.blast_radius.permission import harm_words
from chaos_runner.report import markup
from chaos_runner.report.charts.timeline import HAPPENING_SIGNS
from chaos_runner.report.sections.registry import extensions
from chaos_runner.report.story import formatting as words
from chaos_runner.report.story.highlights import tolerance_words
from chaos_runner.report.tables import tables
from chaos_runner.wording.amounts import observation_words
from chaos_runner.wording.checks import seen_of_check, why_check
from chaos_runner.wording.endings import CHANNEL_WORDS
from chaos_runner.wording.readings import readings_words
from chaos_runner.wording.reasons import reason_words

_OWN = "chaos_runner.report"

Words = Callable[..., object]
WORDS: dict[str, Words] = {
    "count": words.count,
    "counts": tables.count_cells,
    "duration": words.duration,
    "channel": CHANNEL_WORDS.__getitem__,
    "harm": harm_words,
    "latencies": tables.latency_cells,
    "many": words.many,
    "milliseconds": words.milliseconds,
    "names": words.names,
    "observed": observation_words,
    "offset": words.offset,
    "readings": readings_words,
    "reason": reason_words,
    "seen_of_check": seen_of_check,
    "tolerance": tolerance_words,
    "why_check": why_check,
}
"""Filters that put a value into words."""
GLOBALS: dict[str, object] = {
    "clock": words.clock,
    "into_run": words.into_run,
    "signs": HAPPENING_SIGNS,
}


@cache
def html_environment(package: str = _OWN) -> Environment:
    """Return the environment of pages: the templates of a package, and those of the report."""
    return _environment(markup.visible, package)


@cache
def markdown_environment(package: str = _OWN) -> Environment:
    """Return the environment of Markdown: the templates of a package, and those of the report."""
    environment = _environment(markup.escaped_markdown, package)
    environment.filters.update(block=markup.code_block, code=markup.inline_code)
    return environment


def _environment(finalize: Callable[[object], object], package: str) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([*map(PackageLoader, dict.fromkeys((package, _OWN))), *_of_others()]),
        autoescape=select_autoescape(disabled_extensions=("md.j2",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
    environment.filters.update(WORDS, day=_day, short=_short)
    environment.globals.update(GLOBALS)
    return environment


def _of_others() -> Iterator[BaseLoader]:
    """Yield where the templates of the sections of other packages are; no template of ours is."""
    for section in extensions().usable.values():
        yield FileSystemLoader(section.template_directory())


def _short(fingerprints: Sequence[str]) -> str:
    """Return the beginning of each SHA-256; a host with several faults has several."""
    return " ".join(each[:12] for each in fingerprints)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
