"""A partition by shape in a report: who did not hear whom, and names as text."""

from __future__ import annotations

from chaos_runner.report.rendering import as_html, as_json, as_markdown
from tests.unit.report.journal_writer import JournalWriter, latency_fault
from tests.unit.report.stories import story_of

UNHEARD = {"kafka-1": ["kafka-3", "kafka-4"], "kafka-3": ["<b>_kafka_</b>"]}


def test_it_says_who_did_not_hear_whom() -> None:
    journal = JournalWriter()
    journal.start([latency_fault(unheard=UNHEARD)])
    story = story_of(journal)
    assert "<dd>kafka-1 did not hear kafka-3, kafka-4</dd>" in as_html(story)
    assert "<b>_kafka_" not in as_html(story)
    lines = as_markdown(story).splitlines()
    assert "kafka-1 did not hear kafka-3, kafka-4." in lines
    assert not any("<b>" in line for line in lines if "did not hear" in line)
    assert '"kafka-3"' in as_json(story)


def test_without_a_shape_it_says_nothing_of_that() -> None:
    journal = JournalWriter()
    journal.start([latency_fault()])
    assert "did not hear" not in as_html(story_of(journal)) + as_markdown(story_of(journal))
