"""What a report and the live display show of the load beside the probe."""

from __future__ import annotations

from chaos_runner.journal.events import LoadEnded, LoadReported, LoadStarted, RunStarted
from chaos_runner.live.outline import outline_of_start
from chaos_runner.live.run_state import RunState
from chaos_runner.live_page.metrics import metrics_of
from chaos_runner.report.rendering import as_html, as_markdown
from tests.unit.report.journal_writer import JournalWriter
from tests.unit.report.stories import story_of

ASKED = {"host": "node-a", "topic": "orders", "rate": 500.0, "size": 1024, "records": 9000}


def journal_with(*phases: str, by_run: bool = True) -> JournalWriter:
    """Write a run whose load reports once in each of some phases, the records 1000, 2000, ..."""
    journal = JournalWriter()
    journal.start([])
    journal.add(LoadStarted, 1.0, **ASKED, duration=3600.0, command=["perf-test.sh"])
    for number, phase in enumerate(phases, start=1):
        journal.phase(phase, 10.0 * number)
        figures = {"records": 1000 * number, "per_second": 200.0 * number, "average": 3.0}
        journal.add(LoadReported, 10.0 * number + 5, **figures, longest=40.0 * number)
    journal.add(LoadEnded, 90.0, by_run=by_run, code=143, output="")
    return journal


def test_each_phase_has_what_was_reported_in_it() -> None:
    story = story_of(journal_with("warm-up", "before", "inject", "during", "after"))
    assert story.load is not None
    found = {each.phase: each for each in story.load.phases}
    assert list(found) == ["before", "during", "after"]
    assert found["before"].records == 2000
    assert (found["during"].records, found["during"].per_second) == (3000 + 4000, 700.0)
    assert (found["during"].average, found["during"].longest) == (3.0, 160.0)


def test_a_report_says_what_was_asked_and_whether_it_lasted() -> None:
    for by_run in (True, False):
        journal = journal_with("before", by_run=by_run)
        journal.second(0, "before", 12.0)
        story = story_of(journal)
        for text in (as_html(story), as_markdown(story)):
            assert "asked for 500 records/s of 1,024 bytes" in text
            assert ("ended before the run did" in text) is not by_run


def test_the_live_display_has_the_newest_report_while_it_goes_on() -> None:
    events = journal_with("before", "during").events
    started = events[0]
    assert isinstance(started, RunStarted)
    state = RunState(outline_of_start(started))
    for event in events[:-1]:
        state.fold(event)
    assert "chaos_runner_live_load_records_per_second" in metrics_of([state])
    assert state.load is not None
    assert state.load.records == 2000
    state.fold(events[-1])
    assert state.load is None
