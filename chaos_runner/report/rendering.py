"""Render the story of a run: HTML for people, Markdown for tickets, JSON for programs.

Everything in a journal may come from a stranger (titles, host names, messages of hosts), so
every expression of a template is escaped without being told to, in HTML by Jinja's own
escaping and in Markdown by `markup.escaped_markdown`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from chaos_runner.blast_radius.permission import harm_words
from chaos_runner.report import markup
from chaos_runner.report.charts.charts import charts_of
from chaos_runner.report.charts.geometry import WIDTH
from chaos_runner.report.charts.timeline import timeline_of
from chaos_runner.report.story import formatting as words
from chaos_runner.report.story.highlights import tolerance_words
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.story.summary import advice_on, without_verdict
from chaos_runner.report.tables import tables
from chaos_runner.report.tables.check_table import check_rows, noticed
from chaos_runner.report.tables.cluster_table import cluster_table
from chaos_runner.report.tables.course_table import COURSE_HEADINGS, course_rows
from chaos_runner.report.tables.effect_text import effect_sentences
from chaos_runner.report.tables.expectation import expectations
from chaos_runner.report.tables.group_table import GROUP_HEADINGS, group_rows
from chaos_runner.report.tables.ledger_summary import absent_classes, account_rows
from chaos_runner.report.tables.time_table import GOOD_AGAIN, time_table
from chaos_runner.wording.amounts import observation_words
from chaos_runner.wording.checks import seen_of_check, why_check
from chaos_runner.wording.endings import HAND_WORDS
from chaos_runner.wording.reasons import reason_words


def as_json(story: RunStory) -> str:
    """Return the story as JSON, as `chaos_runner.report.story.model` describes it."""
    return story.model_dump_json(indent=2) + "\n"


def as_html(story: RunStory) -> str:
    """Return one HTML page that needs nothing from anywhere else."""
    timeline = timeline_of(story)
    template = _environment(markup.visible).get_template("report.html.j2")
    return template.render(
        **_facts(story),
        timeline=timeline,
        charts=charts_of(story, timeline.axis),
        told=without_verdict(story),
        figures=tables.figures(story),
        chart_width=WIDTH,
    )


def as_markdown(story: RunStory) -> str:
    """Return the same facts as Markdown for a ticket or a wiki, without the curves."""
    template = _environment(markup.escaped_markdown).get_template("report.md.j2")
    return template.render(**_facts(story))


def _facts(story: RunStory) -> dict[str, object]:
    return {
        "story": story,
        "advice": advice_on(story),
        "tolerances": tables.tolerance_rows(story),
        "checks": check_rows(story),
        "noticed": noticed(story),
        "ledger_headings": tables.LEDGER_HEADINGS,
        "account": account_rows(story),
        "absent": absent_classes(story),
        "cluster": cluster_table(story),
        "course": course_rows(story),
        "course_headings": COURSE_HEADINGS,
        "expectations": expectations(story),
        **_client_facts(story),
        "experiment": yaml.safe_dump(story.experiment, sort_keys=False, allow_unicode=True),
    }


def _client_facts(story: RunStory) -> dict[str, object]:
    if story.clients is None:
        return {}
    return {
        "effects": effect_sentences(story.clients),
        "groups": group_rows(story.clients),
        "group_headings": GROUP_HEADINGS,
        "times": time_table(story.clients),
        "good_again": GOOD_AGAIN,
    }


@cache
def _environment(finalize: Callable[[object], object]) -> Environment:
    environment = Environment(
        loader=PackageLoader("chaos_runner.report"),
        autoescape=select_autoescape(disabled_extensions=("md.j2",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
    environment.filters.update(
        block=markup.code_block,
        counts=tables.count_cells,
        code=markup.inline_code,
        count=words.count,
        day=_day,
        duration=words.duration,
        latencies=tables.latency_cells,
        harm=harm_words,
        many=words.many,
        hand=HAND_WORDS.__getitem__,
        milliseconds=words.milliseconds,
        names=words.names,
        observed=observation_words,
        seen_of_check=seen_of_check,
        why_check=why_check,
        offset=words.offset,
        reason=reason_words,
        short=_short,
        tolerance=tolerance_words,
    )
    environment.globals.update(clock=words.clock, into_run=words.into_run)
    return environment


def _short(fingerprints: Sequence[str]) -> str:
    """Return the beginning of each SHA-256; a host with several faults has several."""
    return " ".join(each[:12] for each in fingerprints)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
