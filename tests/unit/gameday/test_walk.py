"""Walking through an agenda: go or no-go, runs that end in every way, and going on after a kill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_runner.errors import HostsNotCleanError, ProbeError, RefusedError
from chaos_runner.execution.phases import Outcome
from chaos_runner.gameday import journal
from chaos_runner.gameday.events import Aborted, DayStopped, Decided, RunBegan, RunEnded
from chaos_runner.gameday.journal import read_day
from chaos_runner.gameday.load import LoadedItem
from chaos_runner.operations.gameday.walk import (
    OpenDay,
    exit_codes_of,
    reopen_day,
    start_day,
    take_up,
    walk,
)
from tests.unit.gameday.days import loaded_day
from tests.unit.gameday.scripted import Script, ends, events, kinds, outcome
from tests.unit.report.journals import held


@pytest.fixture
def day(tmp_path: Path) -> OpenDay:
    """Begin a day: a briefing, experiment A, a question, experiment B, a debriefing."""
    return start_day(loaded_day(tmp_path), tmp_path / "runs", rehearsal=False)


def test_a_day_is_walked_through_in_order(day: OpenDay) -> None:
    script = Script(["go"] * 5)
    codes = walk(day, script, ends(outcome("r1"), outcome("r2", "B", "deviated", 1)))
    assert codes == [0, 1]
    assert [number for number, _ in script.asked] == [1, 2, 3, 4, 5]
    assert kinds(day) == [
        "day_started",
        *("decided", "item_finished"),
        *("decided", "run_began", "run_ended"),
        *("decided", "item_finished"),
        *("decided", "run_began", "run_ended"),
        *("decided", "item_finished", "day_finished"),
    ]
    with pytest.raises(RefusedError, match="is finished"):
        reopen_day(day.path, trusted=False)


def test_what_gets_a_no_go_is_left_out(day: OpenDay) -> None:
    walk(day, Script(["go", "no-go", "go", "go", "go"]), ends(outcome("r2", "B")))
    assert [event.item for event in events(day) if isinstance(event, RunEnded)] == [4]
    assert kinds(day)[-1] == "day_finished"


def test_a_question_with_a_no_go_stops_the_day_and_is_asked_again(day: OpenDay) -> None:
    walk(day, Script(["go", "go", "no-go"]), ends(outcome("r1")))
    [stopped] = [event for event in events(day) if isinstance(event, DayStopped)]
    assert stopped.reason == "no-go: Go on?"
    again = Script(["go", "go", "go"])
    walk(reopen_day(day.path, trusted=False), again, ends(outcome("r2", "B")))
    assert [number for number, _ in again.asked] == [3, 4, 5]


@pytest.mark.parametrize("answers", [["go"], ["go", "stop"]])
def test_a_walk_that_ends_early_goes_on_where_it_was(answers: list[str], day: OpenDay) -> None:
    walk(day, Script(answers), ends())  # type: ignore[arg-type]
    assert kinds(day)[-1] == "day_stopped"
    opened = reopen_day(day.path, trusted=False)
    script = Script(["go"] * 4)
    take_up(opened, script)
    walk(opened, script, ends(outcome("r1"), outcome("r2", "B")))
    assert script.asked[0][0] == 2
    assert kinds(day)[-1] == "day_finished"


@pytest.mark.parametrize("error", [RefusedError("k1 has residue"), ProbeError("nobody answers")])
def test_an_experiment_that_cannot_begin_is_asked_about_again(
    error: Exception, day: OpenDay
) -> None:
    script = Script(["go", "go", "go", "no-go", "stop"])
    walk(day, script, ends(error, outcome("r1")))
    assert [number for number, _ in script.asked] == [1, 2, 2, 3]
    refused = script.asked[2][1].refused
    assert refused is not None
    assert refused.message == str(error)
    assert script.asked[2][1].open_run is None


def test_a_host_that_is_not_clean_stops_the_day(day: OpenDay) -> None:
    script = Script(["go", "go", "go"])
    assert walk(day, script, ends(outcome("r1", code=10, state="dirty"))) == [10]
    assert kinds(day)[-1] == "day_stopped"
    assert "k1 is dirty: `chaos-runner recover r1` first" in script.said[-1]


def test_an_abort_before_a_run_begins_keeps_it_from_beginning(day: OpenDay) -> None:
    script = Script(["go", "go", "stop"])

    def aborted_meanwhile(entry: LoadedItem, begin: Callable[[str], None]) -> Outcome:
        journal.write(day.path, Aborted(who="Anna"))
        begin("r1")
        return outcome("r1")

    walk(day, script, aborted_meanwhile)
    assert "run_ended" not in kinds(day)
    again, progress = script.asked[-1]
    assert again == 2
    assert progress.aborted is not None
    assert progress.aborted.who == "Anna"


def killed_in_a_run(day: OpenDay) -> None:
    """Write what a walk leaves that was killed in the middle of experiment A."""
    journal.write(day.path, Decided(item=1, decision="no-go"))
    journal.write(day.path, Decided(item=2, decision="go"))
    journal.write(day.path, RunBegan(item=2, run="r1"))
    with day.path.open("ab") as torn:
        torn.write(b'{"event":"noted","text":"tor')


def test_a_run_that_was_cut_off_before_it_began_is_asked_about_again(day: OpenDay) -> None:
    killed_in_a_run(day)
    script = Script(["stop"])
    opened = reopen_day(day.path, trusted=False)
    take_up(opened, script)
    assert walk(opened, script, ends()) == []
    [(number, progress)] = script.asked
    assert number == 2
    assert progress.refused is not None
    assert "no host was touched" in progress.refused.message


def test_a_run_that_broke_off_is_told_and_its_hosts_count_as_unknown(day: OpenDay) -> None:
    killed_in_a_run(day)
    run = day.path.parent.parent / "r1"
    run.mkdir()
    (run / "journal.jsonl").write_bytes(b"".join(held().content.splitlines(keepends=True)[:-1]))
    script = Script(["go", "go", "go"])
    opened = reopen_day(day.path, trusted=False)
    take_up(opened, script)
    assert "`chaos-runner recover r1`" in script.said[0]
    codes = walk(opened, script, ends(outcome("r2", "B")))
    assert codes == [HostsNotCleanError.exit_code, 0]
    assert [number for number, _ in script.asked] == [3, 4, 5]
    assert read_day(day.path).notes == ("Line 5 could not be read, and is left out.",)


def test_a_run_that_ended_while_nobody_walked_is_taken_from_its_journal(day: OpenDay) -> None:
    killed_in_a_run(day)
    run = day.path.parent.parent / "r1"
    run.mkdir()
    (run / "journal.jsonl").write_bytes(held().content)
    take_up(reopen_day(day.path, trusted=False), Script([]))
    [ended] = [event for event in events(day) if isinstance(event, RunEnded)]
    assert (ended.verdict, ended.exit_code, ended.hosts) == ("held", 0, {"kafka-4": "clean"})


def test_what_changed_in_the_file_does_not_change_a_day_that_began(day: OpenDay) -> None:
    day.loaded.file.write_text("title: another\n")
    opened = reopen_day(day.path, trusted=False)
    assert [each.title for each in opened.loaded.items] == ["Hello", "A", "Go on?", "B", "So?"]


def test_exit_codes_are_those_of_the_runs(day: OpenDay) -> None:
    journal.write(day.path, RunEnded(item=2, run="r", verdict="inconclusive", exit_code=3))
    assert exit_codes_of(read_day(day.path)) == [3]
