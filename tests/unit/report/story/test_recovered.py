"""A run that could not tell how its hosts came back, and a recovery that did."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos_runner.journal.events import (
    Event,
    FaultIntended,
    FaultReverted,
    HostVerified,
    RecoveryStarted,
)
from chaos_runner.journal.reader import parse_journal
from chaos_runner.report.charts.charts import charts_of
from chaos_runner.report.charts.timeline import timeline_of
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.story.report_model import tell_story
from chaos_runner.report.story.summary import advice_on
from tests.unit.report import journals
from tests.unit.report.journal_writer import BEFORE, FAULT, JournalWriter, proof_of
from tests.unit.report.stories import story_of
from tests.unit.report.test_html import Page
from tests.unit.told import told_time

DAYS_LATER = 2 * 86400.0


def recovered(
    journal: JournalWriter, at: float = DAYS_LATER, state: str = "clean", channel: str = "host"
) -> RunStory:
    """Return the story of a journal, and of a recovery at a moment."""
    host = {"host": "kafka-4"}
    recovery = JournalWriter()
    recovery.add(RecoveryStarted, at, command="recover", by="anna@ops-1")
    recovery.add(
        FaultReverted,
        at,
        fault=FAULT,
        channel=channel,
        clean=state == "clean",
        differences=[],
        **host,
    )
    proof = {"proofs": [proof_of(BEFORE)]}
    recovery.add(HostVerified, at + 0.1, state=state, **proof, **host)
    read = parse_journal(journal.content, "journal.jsonl")
    begun = JournalWriter()
    begun.start([])
    events: tuple[Event, ...] = parse_journal(begun.content + recovery.content, "r").events[1:]
    return tell_story(replace(read, recoveries=events))


def test_the_run_stays_unfinished_and_its_host_is_clean() -> None:
    story = recovered(journals.killed())
    assert (story.verdict, story.finished, story.hosts_state) == (None, False, "clean")
    assert story.summary.startswith("Unfinished: the control node stopped writing at 14:45:49 UTC")
    assert story.summary.endswith("kafka-4 was slowed by 100 ms and came back clean.")
    assert advice_on(story) is None
    assert (
        "Chaos-runner recover was called by anna@ops-1, 2026-11-25 14:45:00 UTC, after the run."
        in [remark.text for remark in story.remarks]
    )


def test_a_recovery_that_found_a_host_dirty_leaves_the_advice() -> None:
    story = recovered(journals.killed(), state="dirty")
    assert story.hosts_state == "dirty"
    assert advice_on(story) is not None


def test_times_and_charts_end_with_the_run() -> None:
    alone, story = story_of(journals.killed()), recovered(journals.killed())
    assert story.stopped == alone.stopped
    assert timeline_of(story) == timeline_of(alone)
    axis = timeline_of(story).axis
    assert charts_of(story, axis) == charts_of(alone, axis)
    assert story.faults[0].off is None


def test_a_roll_back_that_only_a_recovery_proved_counts_no_recovery_time() -> None:
    journal = journals.held()
    journal.add(HostVerified, 92.0, host="kafka-4", state="unknown")
    story = recovered(journal)
    assert story.hosts_state == "clean"
    assert story.clients is not None
    assert story.clients.times is not None
    assert told_time(story.clients.times.recover).note == "no roll-back was verified"


def test_a_recovery_in_the_midst_of_a_run_does_not_outlast_what_the_run_did_after_it() -> None:
    journal = journals.killed()
    journal.add(FaultIntended, 48.9, fault=FAULT, host="kafka-4")
    assert recovered(journal, at=45.0).hosts_state == "unknown"


@pytest.mark.parametrize(
    "words",
    ["hosts clean", "by the host itself", "2026-11-25 14:45:00", "recover: by anna@ops-1"],
)
def test_the_page_tells_the_recovery_with_its_day(words: str) -> None:
    assert words in Page(as_html(recovered(journals.killed()))).text


def test_the_page_does_not_call_two_days_later_a_part_of_the_run() -> None:
    story = recovered(journals.killed())
    assert "48:00:00" not in as_html(story)
    assert "48:00:00" not in as_markdown(story)
