"""Journals that others than a run's report read: of game days, of monkeys, of a history."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from unittest.mock import patch

from chaos_runner.cli.text.history import compared_document, compared_text, runs_text, trend_words
from chaos_runner.content import content_directory
from chaos_runner.errors import UsageError
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.gameday import journal as day_journal
from chaos_runner.gameday import rendering
from chaos_runner.gameday.events import (
    DayStarted,
    Noted,
    RunBegan,
    RunEnded,
    RunRefused,
)
from chaos_runner.gameday.load import check_gameday
from chaos_runner.gameday.progress import progress_of as day_progress
from chaos_runner.gameday.telling import tell_day
from chaos_runner.journal.lines import lines_in
from chaos_runner.journal.reader import parse_journal
from chaos_runner.journal.tail import LineTail
from chaos_runner.learning.diagnosis.diagnose import diagnose
from chaos_runner.learning.history import comparison
from chaos_runner.learning.history.facts import RunFacts
from chaos_runner.learning.history.facts_of_story import facts_of
from chaos_runner.learning.review.gate import gate_since
from chaos_runner.learning.review.insights import insights_of
from chaos_runner.learning.status.page import status_page
from chaos_runner.live_page import followed
from chaos_runner.live_page.event_stream import part_event
from chaos_runner.live_page.followed import FollowedRun
from chaos_runner.live_page.metrics import metrics_of
from chaos_runner.operations.gameday.walk import day_of
from chaos_runner.operations.monkey import monkey_journal
from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
from chaos_runner.report.story.report_model import tell_story
from chaos_runner.schedule.monkey_events import Begun, Ended, Skipped, Started
from chaos_runner.schedule.progress import progress_of, schedule_history
from tests.unit.fuzz.fuzzer import Fuzzer, in_one_sentence, in_printable_lines, without_markup
from tests.unit.fuzz.mutations import odd_value, places, with_value
from tests.unit.report.test_hostile_journals import Content, changed_journal

MOMENT = datetime(2027, 3, 9, 9, tzinfo=UTC)


def changed_lines(whole: list[dict[str, object]]) -> Callable[[Random], Content]:
    """Take the lines of a good journal and change, drop, repeat, tear or move a few."""

    def make(random: Random) -> Content:
        lines: list[object] = list(whole)
        torn = b""
        for _ in range(random.randint(1, 4)):
            if not lines:
                break
            number = random.randrange(len(lines))
            match random.choice([*["change"] * 3, "drop", "repeat", "tear", "move"]):
                case "change":
                    where = random.choice(places(lines[number]) or [()])
                    lines[number] = with_value(lines[number], where, odd_value(random))
                case "drop":
                    del lines[number]
                case "repeat":
                    lines.append(lines[number])
                case "tear":
                    torn = json.dumps(lines[number]).encode()[: random.randint(0, 99)]
                case _:
                    lines.insert(random.randrange(len(lines)), lines.pop(number))
        return Content(b"".join(json.dumps(line).encode() + b"\n" for line in lines) + torn)

    return make


# --- game days ---------------------------------------------------------------------------------


def _day_lines() -> list[dict[str, object]]:
    day = check_gameday(content_directory("examples") / "gamedays" / "gameday.yml").model
    assert day is not None
    started = DayStarted(
        identity="gameday-1",
        title=day.title,
        file="/x/day.yml",
        day=day.model_dump(mode="json"),
        titles=[item.text for item in day.agenda],
    )
    events = [
        started,
        RunBegan(item=3, run="r1"),
        Noted(kind="to do", text="<script> [a](javascript:b) | `x`"),
        RunEnded(item=3, run="r1", verdict="deviated", exit_code=1, reasons=["x"]),
        RunRefused(item=5, message="no"),
    ]
    stamped = [
        each.model_copy(update={"at": MOMENT + timedelta(minutes=number), "by": "anna@ops"})
        for number, each in enumerate(events)
    ]
    return [each.model_dump(mode="json") for each in stamped]


def read_day_journal(content: bytes) -> None:
    """Tell the story of a game day in every form, or be refused in one sentence."""
    with patch.object(day_journal, "lines_of", lambda *_: lines_in(content, "gameday.jsonl")):
        try:
            read = day_journal.read_day(Path("runs/gameday-1/gameday.jsonl"))
            day = day_of(read)
        except UsageError as error:
            in_one_sentence(error)
            return
    day_progress(read.events, [2])
    story = tell_day(read, day, {})
    assert rendering.as_json(story)
    without_markup(rendering.as_html(story))
    without_markup(rendering.as_markdown(story), markdown=True)


# --- monkeys -----------------------------------------------------------------------------------


def _monkey_lines() -> list[dict[str, object]]:
    due = MOMENT + timedelta(hours=1)
    end = due + timedelta(minutes=5)
    events = [
        Started(at=MOMENT, schedule="s", process=7),
        Skipped(at=MOMENT, experiment="a", due=MOMENT, reason="r"),
        Begun(
            at=due, experiment="a", due=due, run="r", hosts=["k"], groups=["g"], expected_end=end
        ),
        Ended(at=end, experiment="a", due=due, run="r", verdict="deviated", exit_code=10),
    ]
    return [each.model_dump(mode="json") for each in events]


def read_monkey(content: bytes) -> None:
    """Fold the journal of a monkey, or be refused in one sentence."""
    with (
        patch.object(monkey_journal, "lines_of", lambda *_: lines_in(content, "s.jsonl")),
        patch.object(Path, "exists", lambda _: True),
    ):
        try:
            events = list(MonkeyJournal(Path("runs"), "s").events())
        except UsageError as error:
            in_one_sentence(error)
            return
    schedule_history(progress_of(events), lambda _: False)


# --- histories ---------------------------------------------------------------------------------


def read_history_of(contents: list[bytes]) -> None:
    """Set runs beside each other in every way that commands do."""
    runs: list[RunFacts] = []
    for content in contents:
        try:
            read = parse_journal(content, "journal.jsonl")
            story = tell_story(read)
            causes = tuple(each.name for each in diagnose(read, story).causes)
        except UsageError as error:
            in_one_sentence(error)
            continue
        runs.append(facts_of(story, causes))
    runs.sort(key=lambda run: (run.started, run.run))
    in_printable_lines(runs_text(runs))
    in_printable_lines("\n".join(map(trend_words, comparison.trends(*comparison.halves(runs)))))
    for one, two in pairwise(runs):
        figures = comparison.compare(one, two, runs)
        in_printable_lines(compared_text(one, two, figures))
        json.dumps([compared_document(each) for each in figures], allow_nan=False)
        assert gate_since(one, runs).verdict
    assert insights_of(runs, (), fault_kinds(), date(2027, 3, 1), 30)
    without_markup(status_page(runs, (), date(2027, 3, 1)))


def several_journals(random: Random) -> list[Content]:
    """Return journals of one to four runs."""
    return [changed_journal(random) for _ in range(random.randint(1, 4))]


# --- live pages --------------------------------------------------------------------------------

MOST_OF_A_PART = 2_000_000
"""Bytes: what each viewer gets of one run at once."""


def read_live(content: bytes) -> None:
    """Follow the journal of a run as the live page does, and show what it would."""
    with (
        patch.object(LineTail, "_new_bytes", lambda _: content),
        patch.object(followed, "recovery_files", lambda _: []),
        patch.object(followed, "holder_of", lambda _: 1),
    ):
        run = FollowedRun(Path("runs/run"))
        run.look()
    part = run.part()
    json.dumps(part, allow_nan=False)  # a browser knows no NaN
    assert len(part_event("run run", part)) < MOST_OF_A_PART
    if run.going_on is not None:
        metrics_of([run.going_on]).encode()


WHAT_RUNS_LEAVE = (
    Fuzzer("pages", changed_journal, read_live),
    Fuzzer("days", changed_lines(_day_lines()), read_day_journal),
    Fuzzer("monkeys", changed_lines(_monkey_lines()), read_monkey),
    Fuzzer("histories", several_journals, read_history_of),
)
