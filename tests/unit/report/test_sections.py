"""The sections of a report: their order, and what each shows that no other test looks at."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import html5lib
import pytest

from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.sections.registry import OWN_SECTIONS
from chaos_runner.report.sections.repeat import repeat_commands
from chaos_runner.report.story.findings import ReportedFinding
from tests.unit.report import journals
from tests.unit.report.charts.test_cluster_shown import cluster_run
from tests.unit.report.journal_writer import RUN, JournalWriter
from tests.unit.report.outages import outage
from tests.unit.report.stories import story_of
from tests.unit.report.test_html import Page

TEMPLATES = Path(__file__).resolve().parents[3] / "chaos_runner" / "report" / "templates"
OVERDUE = ReportedFinding(
    title="orders has acks=1 | <b>",
    urgency="critical",
    state="open",
    owner="Team Streams",
    next_step="acks=all",
    due=date(2026, 11, 1),
    is_overdue=True,
)
VERIFIED = ReportedFinding("a", "low", "verified", "b", "c")


def test_each_section_has_its_templates_and_no_template_is_left_over() -> None:
    html = {path.name.split(".")[0] for path in (TEMPLATES / "html").glob("*.html.j2")}
    markdown = {path.name.split(".")[0] for path in (TEMPLATES / "markdown").iterdir()}
    names = {section.name for section in OWN_SECTIONS}
    assert html - {"page", "parts"} == names
    assert markdown - {"page", "figures"} == {
        section.name for section in OWN_SECTIONS if section.is_in_markdown
    }


def test_what_everybody_asks_comes_first() -> None:
    html = as_html(story_of(outage()), [OVERDUE])
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", html) == [
        "Steady state",
        "What stood out",
        "Findings",
        "What clients really lost",
        "The run over time",
        "What became of the records",
        "How long it took",
        "Hosts and their proof",
        "How to repeat it",
        "What it did to the cluster",
        "What happened, line by line",
        "How it was set up",
    ]


@pytest.mark.parametrize("name", ["held", "deviated", "inconclusive", "killed", "dirty", "hostile"])
def test_the_page_is_html_without_a_single_mistake(name: str) -> None:
    page = as_html(story_of(getattr(journals, name)()), [OVERDUE], "data:image/png;base64,")
    html5lib.HTMLParser(strict=True).parse(page)


def test_findings_are_on_the_first_screen_and_in_a_table() -> None:
    story = story_of(journals.deviated())
    text = Page(as_html(story, [OVERDUE, VERIFIED])).text
    top = text[: text.index("Acknowledged")]
    assert "2 findings. orders has acks=1 | <b> (critical, open): acks=all" in top
    assert ", by 2026-11-01, overdue (Team Streams); a (low, verified): c (b)." in top
    assert "acks=all 2026-11-01 overdue Team Streams" in text
    markdown = as_markdown(story, [OVERDUE])
    assert r"| orders has acks=1 \| &lt;b> | critical | open | acks=all | 2026-11-01 (overdue)" in (
        markdown
    )
    assert "Findings" not in as_markdown(story)
    assert "No finding yet. chaos-runner diagnose 20261123-144500-k3f9a2c1" in (
        Page(as_html(story)).text
    )


def test_safeguards_leader_moves_and_notes_are_marked_and_listed() -> None:
    text = Page(as_html(story_of(cluster_run()))).text
    assert re.search(r"◆ \d+ partitions? got another leader\.", text)
    assert "▼ Safeguard ack_p99 at most 1s for 5s tripped" in text
    html = as_html(story_of(cluster_run()))
    assert 'class="happening leaders"' in html
    assert 'class="happening safeguard"' in html


def test_how_to_repeat_it_is_quoted_for_a_shell() -> None:
    journal = JournalWriter()
    journal.start([], inventory="my inventory", experiment_file="a;b.yml")
    assert repeat_commands(story_of(journal)) == (
        ("See the plan", "chaos-runner plan 'a;b.yml' --inventory 'my inventory'"),
        ("Do it again", "chaos-runner run 'a;b.yml' --inventory 'my inventory'"),
        ("Make this report again", f"chaos-runner report {RUN}"),
    )
