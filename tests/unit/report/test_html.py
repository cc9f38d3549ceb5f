from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from chaos_runner.journal.reader import parse_journal
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.story.report_model import tell_story
from tests.unit.report import journals
from tests.unit.report.journal_writer import JournalWriter
from tests.unit.report.stories import story_of

VOID = {"meta", "link", "br", "img", "hr", "input"}
ALL = ("held", "deviated", "inconclusive", "killed", "dirty", "hostile")


class Page(HTMLParser):
    """A strict reader of a page: every element is closed, in order, and nothing is loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.identities: list[str] = []
        self.references: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        for name, value in attrs:
            if name == "id":
                self.identities.append(value or "")
            if name == "aria-labelledby":
                self.references += (value or "").split()
            assert name not in ("src", "href", "style"), (tag, name)
            assert not name.startswith("on"), (tag, name)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def html_of(name: str) -> str:
    journal: JournalWriter = getattr(journals, name)()
    return as_html(story_of(journal))


@pytest.mark.parametrize("name", ALL)
def test_the_page_is_well_formed_and_loads_nothing(name: str) -> None:
    text = html_of(name)
    page = Page(text)
    for forbidden in ("http:", "https:", "@import", "url(", "src="):
        assert forbidden not in text
    assert {"script", "link", "img", "iframe"}.isdisjoint(page.elements)


@pytest.mark.parametrize("name", ALL)
def test_every_picture_has_a_name_and_every_name_exists_once(name: str) -> None:
    page = Page(html_of(name))
    assert len(page.identities) == len(set(page.identities))
    assert set(page.references) <= set(page.identities)
    assert page.references or name == "hostile"


def test_the_page_of_a_run_that_held_shows_its_numbers() -> None:
    text = Page(html_of("held")).text
    for words in (
        "A slow broker loses nothing",
        "2026-11-23 14:45:00 UTC",
        "7,500 records acknowledged, 7,500 consumed, 0 lost",
        "Acknowledged 7,500 of 7,500 scheduled",
        "Hosts clean 1 of 1 proved by fingerprint",
        "loss at most 0% 0% held 0% held 0% held",
        "ack p99 at most 500ms 9.1ms held 213ms held 9.1ms held",
        "during 3,000 3,000 3,000 0 0 0 0 0 100 / 239 / 301 ms",
        "delay 100ms to all peers network_latency k3f9a2c1_1 14:45:35",
        "lease renewed 6",
        "yes round trip 101.3 ms (0.4 ms before)",
        "14:46:08 1:08 into the run by Ansible",
        "same as before 3f1c9a77e0d2 verified 14:46:09",
        "Control, left alone: kafka-1, kafka-2, kafka-3.",
        "sasl.password [redacted]",
    ):
        assert words in text
    assert "What stood out" not in text
    assert "What to do now" not in text


def test_the_page_of_a_run_that_deviated_shows_why() -> None:
    text = Page(html_of("deviated")).text
    for words in (
        "Lost 5 0.0671 % of the acknowledged",
        "Unclear 40 40 indeterminate, 0 not consumed",
        "What stood out During: ack p99 was 640ms, allowed at most 500ms.",
        "lost 5 indeterminate 40 not yet consumed 0 refused 7",
        "1:4000@90 1:4001@91",
        "all 7,500 7,453 7,448 5 0 40 7 2",
    ):
        assert words in text


def test_the_page_of_a_killed_controller_says_so_at_the_top() -> None:
    story = story_of(journals.killed(), torn=b'{"event":"probe_bu')
    text = Page(as_html(story)).text
    top = text[: text.index("The run over time")]
    assert "Unfinished" in top
    assert "The control node stopped writing at 14:45:49 UTC, in phase during." in top
    assert "chaos-runner recover 20261123-144500-k3f9a2c1" in top
    assert "hosts unknown" in top
    assert "its lease ended by 14:46:00" in text
    assert "the last, was cut off after 18 bytes" in text
    assert "Added up from the seconds, because the probe's final account is missing" in text


def test_the_page_of_a_dirty_host_shows_the_lines_that_differ() -> None:
    text = Page(html_of("dirty")).text
    assert "hosts dirty" in text
    assert "differs before 3f1c9a77e0d2 after b8807c11ffee" in text
    assert "- qdisc fq_codel 0: root + qdisc prio c4a0: root" in text


def test_a_run_of_which_only_the_first_line_is_known_still_has_a_page() -> None:
    journal = JournalWriter()
    journal.start([])
    text = Page(as_html(story_of(journal))).text
    assert "The control node stopped writing at 14:45:00 UTC." in text
    assert "The steady state was not judged" in text


def test_text_from_strangers_stays_text() -> None:
    html = html_of("hostile")
    assert "<script" not in html
    assert "\u202e" not in html
    assert '<script>alert("x")</script>|`*_[a](b)' in Page(html).text


def test_charts_carry_the_curves_the_shading_and_the_phases() -> None:
    html = html_of("held")
    assert html.count('class="band"') == 4
    assert len(re.findall(r'<path class="curve [a-z0-9-]+" d="M', html)) == 8
    assert '<rect class="band" x="37.98%" width="35.41%"' in html
    assert ">during ✓</text>" in html
    assert '<desc id="latency-text">Highest ack p99 of a second: ' in html


@pytest.mark.parametrize("tenths", range(1, 11))
def test_a_journal_cut_off_anywhere_still_makes_a_page(tenths: int) -> None:
    content = journals.deviated().content
    first = content.index(b"\n") + 1
    cut = first + (len(content) - first - 2) * tenths // 10
    story = tell_story(parse_journal(content[:cut], "journal.jsonl"))
    assert "Unfinished" in Page(as_html(story)).text
    assert as_markdown(story).startswith("# Unfinished: ")
