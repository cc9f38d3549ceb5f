"""A whole game day on the lab: an abort, notes from other shells, a closed terminal, the report."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaos_runner.gameday.events import AnyGameDayEvent, DayStopped, RunBegan, RunEnded
from chaos_runner.gameday.journal import find_day, read_day
from chaos_runner.journal.events import FaultApplied
from tests.integration.conftest import COMMAND, chaos_runner
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_three_faults import experiment_file
from tests.terminals import TerminalOf
from tests.waiting import PATIENCE, wait_until

DAY = """\
title: A day on the lab
date: {date}
start: "00:00"
end: "23:59"
place: this test
environment: the lab
people:
  - {{name: Anna, role: facilitator, may_abort: true, contact: "17"}}
  - {{name: Boris, role: operator}}
agenda:
  - experiment: first/experiment.yml
    expected: Nothing is lost
    noticed_first_by: alert KafkaOffline
  - experiment: second/experiment.yml
    expected: It is aborted
    noticed_first_by: Anna
  - experiment: third/experiment.yml
    expected: Nothing is lost
    noticed_first_by: nobody
"""
ITEMS = {
    "first": ("service_stop: {service: kafka}", "15s"),
    "second": ("network_partition: {}", "240s"),
    "third": ("network_partition: {}", "10s"),
}


class Shell:
    """A terminal that is read, as by a person, so that nothing waits for it."""

    def __init__(self, *arguments: str) -> None:
        self._terminal = TerminalOf([*COMMAND, "gameday", *arguments])
        self.process = self._terminal.process
        self.text = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while data := os.read(self._terminal.master, 65536):
                self.text += data.decode(errors="replace")
        except OSError:
            return  # the window is closed

    def answer(self, question: int, text: str) -> None:
        """Wait for the so-many-th question of this terminal, and answer it."""
        asked = "go, no-go or stop?"
        wait_until(lambda: self.text.count(asked) >= question, f"question {question}")
        self._terminal.type(text)

    def close(self) -> None:
        """Close the window."""
        self._terminal.close()


@pytest.fixture
def shells() -> Iterator[list[Shell]]:
    started: list[Shell] = []
    yield started
    for each in started:
        each.close()
        each.process.terminate()
        each.process.wait(PATIENCE)


def written_day(directory: Path) -> Path:
    for name, (fault, duration) in ITEMS.items():
        (directory / name).mkdir()
        experiment_file(directory / name, fault, duration)
    file = directory / "day.yml"
    file.write_text(DAY.format(date=datetime.now(UTC).date()), encoding="utf-8")
    return file


@pytest.mark.whole  # tests/unit/gameday/test_shells.py shows the walk, with a stand-in for runs
def test_a_whole_day(tmp_path: Path, clean_hosts: Path, shells: list[Shell]) -> None:
    runs = tmp_path / "runs"
    where = ("--runs", str(runs))
    fleet = (*where, "-i", str(clean_hosts), "--yes")
    shells.append(Shell("run", str(written_day(tmp_path)), *fleet))
    first = shells[0]

    def events() -> tuple[AnyGameDayEvent, ...]:
        return read_day(find_day(None, runs)).events

    def runs_that(kind: type[RunBegan] | type[RunEnded]) -> list[str]:
        return [each.run for each in events() if isinstance(each, kind)]

    first.answer(1, "go")
    first.answer(2, "go")
    wait_until(lambda: len(runs_that(RunBegan)) == 2, "the second run")
    journal = runs / runs_that(RunBegan)[1] / "journal.jsonl"
    wait_until(lambda: journal.exists() and bool(events_of(journal, FaultApplied)), "its fault")
    for words in (
        ("note", "pager rang"),
        ("noticed", "--by", "Anna", "lag grows"),
        ("note", "--finding", "the alert names no broker"),
        ("abort", "customers call", "--by", "Anna"),
    ):
        said = chaos_runner("gameday", *words, *where)
        assert said.code == 0, said.stdout + said.stderr
    first.answer(3, "")  # no answer yet: it is asked again
    wait_until(lambda: len(runs_that(RunEnded)) == 2, "the end of the second run")
    first.close()
    wait_until(lambda: any(isinstance(each, DayStopped) for each in events()), "the day stops")
    first.process.wait(PATIENCE)

    shells.append(Shell("resume", *fleet))
    second = shells[1]
    second.answer(1, "go")
    wait_until(lambda: read_day(find_day(None, runs)).is_finished, "the end of the day")
    second.process.wait(PATIENCE)

    ended = [each for each in events() if isinstance(each, RunEnded)]
    assert [each.exit_code for each in ended] == [0, 143, 0]
    assert [list(each.hosts.values()) for each in ended] == [["clean"]] * 3
    told = chaos_runner("gameday", "report", "--format", "json", *where)
    assert told.code == 0, told.stderr
    story = told.json
    trials = story["trials"]
    assert isinstance(trials, list)
    assert [bool(trial["aborts"]) for trial in trials] == [False, True, False]
    assert [notice["who"] for notice in trials[1]["notices"]] == ["Anna"]
    assert trials[1]["notices"][0]["after"] >= 0
    assert [finding["text"] for finding in story["findings"]] == ["the alert names no broker"]  # type: ignore[attr-defined]
    page = chaos_runner("gameday", "report", *where)
    assert page.code == 0, page.stderr
    assert chaos_runner("audit", "-i", clean_hosts).code == 0
