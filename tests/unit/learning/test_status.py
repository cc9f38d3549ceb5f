"""The status page: a score that can be worked out again, plain words in every language."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.experiment.steady_state import SteadyState
from chaos_runner.learning.findings.files import WrittenFinding
from chaos_runner.learning.findings.model import Finding
from chaos_runner.learning.history.facts import RunFacts
from chaos_runner.learning.status.page import languages, status_page, texts_in
from chaos_runner.learning.status.score import score_of
from tests.unit.learning.made_facts import EMPTY, changed
from tests.unit.learning.test_review import MARKUP, deviating, verified

TODAY = date(2026, 3, 1)
VOID = {"meta", "br"}


class Page(HTMLParser):
    """A parser that checks that every element is closed where it was opened, and collects text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def held(days_ago: int, experiment: str) -> RunFacts:
    started = EMPTY.started.replace(month=3) - timedelta(days=days_ago)
    return replace(EMPTY, run=f"{experiment}{days_ago}", experiment=experiment, started=started)


def finding(**changes: object) -> WrittenFinding:
    written = verified("lost", "2026-02-20", "d9")
    return WrittenFinding(written.file, written.finding.model_copy(update=changes))


def test_the_score_is_the_sum_that_the_page_shows() -> None:
    runs = [held(1, "fresh"), held(40, "old"), deviating(50), held(2, "x"), held(1, "y")]
    late = finding(state="fixing", verified=None)
    score = score_of(runs, [late], TODAY)
    assert [each.points for each in score.experiments] == [1.0, 0.5, 0.0, 1.0, 1.0]
    assert score.sum == "(1 + 0.5 + 0 + 1 + 1 - 1 × 0.5) / 5 × 100"
    assert score.value == round((1 + 0.5 + 0 + 1 + 1 - 1 * 0.5) / 5 * 100) == 60
    page = "".join(Page(status_page(runs, [late], TODAY)).words)
    assert f"Worked out: {score.sum} = 60" in page
    assert "60 of 100" in page


def test_the_score_is_never_below_zero_and_none_without_an_experiment() -> None:
    late = finding(state="fixing", verified=None)
    assert score_of([deviating(1)], [late, late], TODAY).value == 0
    assert score_of([], [late], TODAY).value is None
    assert "No experiment has been run yet" in status_page([], [], TODAY)


def test_an_inconclusive_run_does_not_replace_a_clear_result() -> None:
    unclear = replace(held(1, "a"), verdict="inconclusive")
    [tested] = score_of([held(2, "a"), unclear], [], TODAY).experiments
    assert (tested.result, tested.day) == ("held", date(2026, 2, 27))
    [tested] = score_of([unclear], [], TODAY).experiments
    assert (tested.result, tested.points) == ("unclear", 0)


def test_the_page_says_what_is_promised_and_what_got_better() -> None:
    accepted = {"reason": "once a year", "who": "Anna", "day": "2026-02-01"}
    whole = finding().finding.model_dump()
    findings = [
        finding(),
        finding(state="fixing", verified=None, title="Slow"),
        WrittenFinding(
            Path("a.yml"),
            Finding.model_validate(
                {**whole, "state": "accepted risk", "accepted": accepted, "title": "Rare"}
            ),
        ),
    ]
    page = Page(status_page([deviating(50)], findings, TODAY))
    text = " ".join("".join(page.words).split())
    assert "✗ It did not hold confirmed records were lost (0.5%)" in text
    assert "Slowacks=all 2026-01-20 past its date being fixed Anna" in text
    assert "Records are lost: shown by a test on 2026-02-20" in text
    assert "Rare: once a year" in text


@pytest.mark.parametrize("language", languages())
def test_a_hostile_title_is_text_in_every_language(language: str) -> None:
    run = changed(deviating(50), title=MARKUP + "\u202e{{ 7*7 }}{0}")
    open_finding = finding(title=MARKUP, owner=MARKUP, state="open", verified=None)
    html = status_page([run], [open_finding], TODAY, language)
    page = Page(html)
    assert f'lang="{language}"' in html
    assert "<b>" not in html
    assert "\u202e" not in html
    assert "{{ 7*7 }}{0}" in "".join(page.words)
    assert page.tags.isdisjoint({"script", "b", "a", "img", "link", "iframe"})
    assert "http" not in re.sub(r"http-equiv|http://evil", "", html)
    assert len(html) < 500_000


def test_every_language_says_the_same_with_the_same_figures() -> None:
    assert {"en", "ko"} <= set(languages())
    english = texts_in("en")
    for language in languages():
        texts = texts_in(language)
        assert texts.keys() == english.keys()
        for key, text in texts.items():
            wanted = english[key]
            if isinstance(wanted, dict):
                assert isinstance(text, dict)
                assert text.keys() == wanted.keys()
            else:
                assert re.findall(r"\{\w+\}", str(text)).sort() == (
                    re.findall(r"\{\w+\}", wanted).sort()
                )


def test_the_words_of_tolerances_are_of_tolerances_that_exist() -> None:
    words = texts_in("en")["tolerances"]
    assert isinstance(words, dict)
    assert words.keys() - {"other"} <= SteadyState.model_fields.keys()


def test_a_language_without_texts_is_named() -> None:
    with pytest.raises(UsageError, match="no texts for the language `xx`"):
        status_page([], [], TODAY, "xx")
    with pytest.raises(UsageError):
        status_page([], [], TODAY, "../../etc")
