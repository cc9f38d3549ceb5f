from __future__ import annotations

from chaos_runner.journal.events import Notice
from chaos_runner.report.exports.spans import Span, spans_of
from tests.unit.report import journals
from tests.unit.report.journal_writer import START, JournalWriter
from tests.unit.report.stories import story_of

SECOND = 1_000_000_000
BEGAN = int(START.timestamp()) * SECOND


def spans(journal: JournalWriter) -> dict[str, Span]:
    return {span.name: span for span in spans_of(story_of(journal))}


def test_phases_and_faults_are_spans_below_that_of_the_run() -> None:
    found = spans(journals.held())
    root = found["chaos experiment"]
    assert (root.parent, root.start, root.end) == (None, BEGAN, BEGAN + 93_200_000_000)
    assert root.attributes["chaos_runner.verdict"] == "held"
    during, fault = found["phase during"], found["fault network_latency"]
    assert (during.start, during.end) == (BEGAN + 36 * SECOND, BEGAN + 66 * SECOND)
    assert (fault.start, fault.end) == (BEGAN + 35_400_000_000, BEGAN + 68_400_000_000)
    assert fault.attributes["host.name"] == "kafka-4"
    assert {span.parent for span in found.values() if span is not root} == {root.identity}
    assert {span.trace for span in found.values()} == {root.trace}
    assert not any(span.error for span in found.values())


def test_what_is_not_as_it_should_be_is_an_error() -> None:
    found = spans(journals.deviated())
    assert found["chaos experiment"].error.startswith("Deviated")
    assert found["phase during"].error == "deviated"
    assert [event.name for event in found["chaos experiment"].events] == ["safeguard"]
    assert spans(journals.dirty())["fault network_latency"].error == "the host is dirty"


def test_what_has_no_end_ends_with_the_run() -> None:
    found = spans(journals.killed())
    assert found["fault network_latency"].end == found["chaos experiment"].end
    assert found["phase during"].end == found["chaos experiment"].end


def test_ids_follow_from_the_run_and_are_all_different() -> None:
    first = spans_of(story_of(journals.held()))
    assert first == spans_of(story_of(journals.held()))
    assert len({span.identity for span in first}) == len(first)


def test_no_text_and_no_number_of_events_is_as_large_as_others_like() -> None:
    journal = journals.hostile()
    for number in range(1200):
        journal.add(Notice, 3.2, level="error", source="x", message=f"{number} {'x' * 10_000}")
    root = spans(journal)["chaos experiment"]
    left_out = root.attributes["chaos_runner.events_left_out"]
    assert isinstance(left_out, int)
    assert (len(root.events), left_out >= 200) == (1000, True)
    assert max(len(str(each.attributes["message"])) for each in root.events) == 2000


def test_no_control_character_reaches_a_span() -> None:
    for span in spans_of(story_of(journals.hostile())):
        for value in (span.name, span.error, *span.attributes.values()):
            assert str(value).isprintable()
