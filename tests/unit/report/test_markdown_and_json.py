from __future__ import annotations

import json
import re

import pytest

from chaos_runner.report.markup import code_block, escaped_markdown, inline_code
from chaos_runner.report.rendering import as_json, as_markdown
from chaos_runner.report.story.model import RunStory
from tests.unit.report import journals
from tests.unit.report.stories import story_of

ALL = ("held", "deviated", "inconclusive", "killed", "dirty", "hostile")


def tables_of(markdown: str) -> list[list[str]]:
    """Return the tables of a text, each as its lines, code blocks aside."""
    outside = re.sub(r"^(`{3,})\n.*?^\1$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    blocks = re.split(r"\n\s*\n", outside)
    return [block.strip().splitlines() for block in blocks if block.strip().startswith("|")]


@pytest.mark.parametrize("name", ALL)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(name: str) -> None:
    tables = tables_of(as_markdown(story_of(getattr(journals, name)())))
    assert len(tables) >= 2
    for table in tables:
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
        assert len(cells) == 1, table


def test_the_markdown_has_the_facts_of_the_page() -> None:
    text = as_markdown(story_of(journals.deviated()))
    for line in (
        "# Deviated: A slow broker loses nothing",
        "| ack p99 | at most 500ms | 9.1ms, held | 640ms, deviated | 9.1ms, held |",
        "| during | 3,000 | 2,953 | 2,948 | 5 | 0 | 40 | 7 | 2 | 102 / > 301 / > 301 ms "
        "| 165 / > 489 / > 489 ms |",
        "| kafka-4 | **clean** | delay 100ms to all peers | 14:45:35 "
        "| yes, round trip 101.3 ms (0.4 ms before) | 14:46:08 "
        "| Ansible | 6 | `3f1c9a77e0d2` | `3f1c9a77e0d2` |",
        "Control, left alone: kafka-1, kafka-2, kafka-3.",
        "- ✕ Safeguard availability at least 90% for 5s tripped: 71.2%; beyond its limit for 5 s; "
        "the first host was free 3.4 s later.",
    ):
        assert line in text.splitlines()


def test_the_markdown_of_a_killed_controller_says_what_to_do() -> None:
    text = as_markdown(story_of(journals.killed(), torn=b"{"))
    assert text.startswith("# Unfinished: A slow broker loses nothing\n")
    assert "run `chaos-runner recover 20261123-144500-k3f9a2c1`" in text
    assert "_Line 97, the last, was cut off after 1 bytes" in text


def test_markup_of_strangers_is_text_outside_code_blocks() -> None:
    text = as_markdown(story_of(journals.hostile()))
    outside = re.sub(r"^(`{3,})\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    without_code = re.sub(r"(?<!\\)`[^`\n]*`", "", outside)
    assert "<" not in without_code
    assert not re.search(r"(?<!\\)\[a", without_code)
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("network_latency on kafka-4", "network_latency on kafka-4"),
        ("_bold_ *x* `y` |", r"\_bold\_ \*x\* \`y\` \|"),
        ("a\n\n# b", r"a \# b"),
        ("- item", r"\- item"),
        ("> quote", r"\> quote"),
        ("<b>&amp;", "&lt;b>&amp;amp;"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_escaping(text: str, escaped: str) -> None:
    assert escaped_markdown(text) == escaped


def test_code_survives_backticks() -> None:
    assert inline_code("a`b|c") == "``a`b\\|c``"
    assert inline_code("`") == "`` ` ``"
    assert inline_code("") == ""
    assert code_block("x\n```\ny") == "````\nx\n```\ny\n````"


@pytest.mark.parametrize("name", ALL)
def test_the_json_is_the_story(name: str) -> None:
    story = story_of(getattr(journals, name)())
    assert RunStory.model_validate_json(as_json(story)) == story


def test_the_json_has_the_names_that_programs_rely_on() -> None:
    document = json.loads(as_json(story_of(journals.deviated())))
    assert document["schema_version"] == 2
    assert document["verdict"] == "deviated"
    assert document["started"] == "2026-11-23T14:45:00Z"
    assert document["ledger"]["total"]["lost"] == 5
    assert [(host["host"], host["state"]) for host in document["hosts"]] == [("kafka-4", "clean")]
    assert document["hosts"][0]["faults"][0]["applied"] == 35.4
    assert document["seconds"][0]["ack"].keys() == {"p50", "p99", "max", "bounds"}
    assert len(document["seconds"]) == 84
    assert document["faults"][0]["off"] == 68.4


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("/close", "\\/close"),
        ("/assign @me\n/close", "\\/assign @&#8203;me /close"),
        (
            "cc @org/team, fixes #12 and GH-7",
            "cc @&#8203;org/team, fixes \\#&#8203;12 and GH-&#8203;7",
        ),
        ("see !3, $4, %5 and &6", "see \\!&#8203;3, \\$&#8203;4, %&#8203;5 and &amp;&#8203;6"),
        ("by anna@ops-1, 50%", "by anna@ops-1, 50%"),
        ("1. item", "1\\. item"),
        ("a\u200bb\u2066c\ufeffd\U000e0041e\u00ad", "abcde"),
        ("one\u2028two\u0085three", "onetwothree"),
    ],
)
def test_neither_trackers_nor_eyes_are_deceived(text: str, written: str) -> None:
    assert escaped_markdown(text) == written
