"""A template of somebody's takes no more time and memory than it may, whatever it computes."""

from __future__ import annotations

import subprocess
from datetime import date
from typing import Any

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.operations.report import template_process
from chaos_runner.operations.report.template_process import render_own
from chaos_runner.report.own_template import as_own
from chaos_runner.report.story.findings import ReportedFinding
from tests.unit.report import journals
from tests.unit.report.stories import story_of

FINDING = ReportedFinding("t", "high", "open", "o", "next", date(2026, 12, 24), is_overdue=True)
EVERYTHING = """\
{% for name in [run, verdict, summary, hosts_state, advice, figures, tolerances, remarks, repeat] %}
{{ name }}
{% endfor %}
{{ findings[0].due.year }} {{ clock(12.5) }} {{ logo }}
"""


@pytest.mark.parametrize("journal", ["held", "deviated", "killed", "hostile"])
def test_it_gets_what_it_would_get_here(journal: str) -> None:
    story = story_of(getattr(journals, journal)())
    there = render_own(story, "mine.html", EVERYTHING, [FINDING], "data:x")
    assert there == as_own(story, "mine.html", EVERYTHING, [FINDING], "data:x")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ 10 ** (10 ** 10) }}", "takes more than 1 s"),
        ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "1 s"),
        ("{{ 'x' * 10 ** 11 }}", "takes more than 256 MiB"),
        ("{{ '%099999999999d' | format(1) }}", "MiB|too|width"),
        ("{{ ['x' * 10 ** 7] * 10 ** 3 }}", "takes more than"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "calls itself without end"),
        ("{% for %}", "mine.txt:1: "),
        ("{{ run.__class__ }}", "mine.txt: "),
        ("{{ {}['x' * 10 ** 5] }}", "has no attribute 'xxx"),
    ],
)
def test_what_it_takes_is_bounded(monkeypatch: pytest.MonkeyPatch, source: str, words: str) -> None:
    monkeypatch.setattr(template_process, "CPU_SECONDS", 1)
    monkeypatch.setattr(template_process, "MEMORY", 256 * 1024**2)
    with pytest.raises(UsageError, match=words) as refused:
        render_own(story_of(journals.held()), "mine.txt", source)
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 500


def test_it_gets_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "open-sesame")
    seen: list[dict[str, str]] = []
    whole = subprocess.run

    def run(*words: Any, **named: Any) -> subprocess.CompletedProcess[bytes]:
        seen.append(named["env"])
        return whole(*words, **named)

    monkeypatch.setattr(subprocess, "run", run)
    assert render_own(story_of(journals.held()), "mine.txt", "x") == "x"
    assert "open-sesame" not in repr(seen)
