"""What the page shows of runs and game days, by journals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chaos_runner.gameday.events import Aborted, Decided, Noted, RunBegan, RunEnded
from chaos_runner.gameday.journal import write
from chaos_runner.journal.events import Notice, RecoveryStarted, SafeguardTripped
from chaos_runner.journal.journal import recovery_name
from chaos_runner.journal.process_lock import RUN_LOCK, hold_lock
from chaos_runner.live_page import tailer as tailing
from chaos_runner.live_page.followed import FollowedDay, FollowedRun
from chaos_runner.live_page.parts.bounded_text import LONGEST
from chaos_runner.live_page.tailer import NEWEST_RUNS, Tailer
from chaos_runner.operations.gameday.walk import start_day
from tests.live_server import add, put
from tests.unit.gameday.days import HOSTILE, loaded_day
from tests.unit.report import journals, outages
from tests.unit.report.journal_writer import RUN, JournalWriter, latency_fault

Part = dict[str, Any]


def part_of(journal: JournalWriter, runs: Path) -> Part:
    """Return what is shown of a run, as it goes over the wire."""
    followed = FollowedRun(put(runs, journal).parent)
    assert followed.look()
    part: Part = json.loads(json.dumps(followed.part()))
    return part


def test_a_run_is_shown_with_what_the_terminal_shows(tmp_path: Path) -> None:
    part = part_of(outages.outage(), tmp_path)
    assert part["title"]
    assert [each["phase"] for each in part["judged"]] == ["before", "during", "after"]
    assert {each["name"] for each in part["groups"]} == {
        "led by a target",
        "replicated on a target",
        "control group",
    }
    assert part["verdict"] in ("held", "deviated", "inconclusive")
    assert part["happened"]


def test_a_look_takes_what_is_new_and_a_torn_line_waits_for_its_end(tmp_path: Path) -> None:
    whole = journals.held()
    path = put(tmp_path, JournalWriter())
    followed = FollowedRun(path.parent)
    assert not followed.look()
    half = len(whole.lines) // 2
    content = whole.content
    cut = content.index(whole.lines[half].encode()) + 20
    path.write_bytes(content[:cut])
    assert followed.look()
    assert followed.part()["verdict"] == ""
    assert not followed.look()
    with path.open("ab") as stream:
        stream.write(content[cut:])
    assert followed.look()
    assert followed.part()["verdict"] == "held"
    assert followed.part()["problem"] == ""


def test_what_is_no_journal_is_told_once(tmp_path: Path) -> None:
    path = put(tmp_path, JournalWriter())
    path.write_text('{"event":"phase_started"}\n')
    followed = FollowedRun(path.parent)
    assert followed.look()
    assert "does not say when" in str(followed.part()["problem"])
    assert not followed.look()


def test_a_journal_that_became_shorter_is_told(tmp_path: Path) -> None:
    path = put(tmp_path, journals.held())
    followed = FollowedRun(path.parent)
    followed.look()
    path.write_bytes(b"")
    assert followed.look()
    assert "became shorter" in str(followed.part()["problem"])


def test_a_later_recovery_is_shown(tmp_path: Path) -> None:
    path = put(tmp_path, journals.killed())
    followed = FollowedRun(path.parent)
    followed.look()
    later = JournalWriter()
    later.add(RecoveryStarted, 90.0, command="halt", by="anna@ops-1", reason="enough")
    (path.parent / recovery_name(1)).write_bytes(later.content)
    assert followed.look()
    assert "halt: by anna@ops-1: enough" in json.dumps(followed.part())


def test_who_executes_a_run_is_known_from_the_kernel(tmp_path: Path) -> None:
    path = put(tmp_path, journals.killed())
    assert FollowedRun(path.parent).part()["on"] is False
    # The lock of the own process is no other's: see test_stop for one that is held.
    with hold_lock(path.parent / RUN_LOCK, "executes this run", ""):
        assert FollowedRun(path.parent).part()["on"] is False


def test_texts_of_strangers_are_bounded_and_without_invisible_characters(tmp_path: Path) -> None:
    journal = JournalWriter()
    journal.start([latency_fault(targets=["<img src=x>"])], title="a\u202eb")
    journal.phase("preflight", 0.1)
    for number in range(100):
        text = f"{number} \u200b" + "x" * 3000
        journal.add(Notice, 0.2, level="warning", source="probe", message=text)
    part = part_of(journal, tmp_path)
    assert part["title"] == "ab"
    texts = [each["text"] for each in part["happened"]]
    assert len(texts) == 40
    assert all(len(text) <= LONGEST and "\u200b" not in text for text in texts)
    assert part["hosts"] == [{"name": "<img src=x>", "state": "untouched", "faults": []}]


def guarded(seconds: int, acked: int) -> JournalWriter:
    """Return a run with a safeguard, of which the last seconds acknowledge little."""
    journal = JournalWriter()
    safeguards = [{"availability": "90%", "hold": "5s"}]
    journal.start([latency_fault()], experiment={"title": "x", "safeguards": safeguards})
    journal.phase("during", 1.0)
    for second in range(20):
        low = second >= 20 - seconds
        counts = {"acked": acked, "indeterminate": 100 - acked} if low else {}
        journal.second(second, "during", 2.0 + second, **counts)
    journal.health(24.0)
    return journal


@pytest.mark.parametrize(("seconds", "expected"), [(0, 0.0), (3, 3.0), (5, 5.0)])
def test_how_near_a_safeguard_is(seconds: int, expected: float, tmp_path: Path) -> None:
    [safeguard] = part_of(guarded(seconds, acked=20), tmp_path)["safeguards"]
    assert safeguard["exceeded_for"] == expected
    assert safeguard["hold"] == 5.0
    assert safeguard["text"] == "availability at least 90% for 5s"
    assert safeguard["seen"] == ("20%" if seconds else "100%")


def test_a_safeguard_that_tripped_is_shown(tmp_path: Path) -> None:
    journal = guarded(5, acked=20)
    journal.add(
        SafeguardTripped,
        25.0,
        safeguard={"tolerance": "availability", "hold": 5.0, "limit": LIMIT},
        observed=OBSERVED,
        since=20.0,
    )
    assert part_of(journal, tmp_path)["tripped"] == "availability at least 90% for 5s: 20%"


LIMIT = {"value": 90.0, "unit": "percent", "bound": "at_least"}
OBSERVED = {"value": 20.0, "unit": "percent"}


def test_a_game_day_is_shown_with_its_agenda_and_its_notes(tmp_path: Path) -> None:
    day = start_day(loaded_day(tmp_path), tmp_path / "runs", rehearsal=False)
    followed = FollowedDay(day.path.parent)
    assert followed.look()
    for event in (
        Decided(item=1, decision="no-go"),
        RunBegan(item=2, run="r"),
        Noted(text=HOSTILE),
        Aborted(who="Anna", reason="enough"),
    ):
        write(day.path, event)
    assert followed.look()
    part: Part = followed.part()
    states = [item["state"] for item in part["items"]]
    assert states[:2] == ["no-go", "aborted"]
    texts = [each["text"] for each in part["written"]]
    assert texts[-2:] == [f"note: {HOSTILE}", "aborted by Anna: enough"]
    write(day.path, RunEnded(item=2, run="r", verdict="inconclusive", exit_code=143))
    followed.look()
    after: Part = followed.part()
    assert after["items"][1]["state"] == "aborted, inconclusive"


def test_the_newest_are_followed_each_line_is_read_once_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str, Part | None]] = []
    tailer = Tailer(tmp_path, lambda key, part: shown.append((key, part)))
    tailer.look()
    assert shown == []
    names = [f"20270101-0000{number:02}-kabc" for number in range(NEWEST_RUNS + 2)]
    paths = [put(tmp_path, journals.held(), name) for name in names[:NEWEST_RUNS]]
    tailer.look()
    assert [key for key, _ in shown] == [f"run {name}" for name in names[:NEWEST_RUNS]]
    shown.clear()
    tailer.look()
    assert shown == []
    for name in names[NEWEST_RUNS:]:
        put(tmp_path, journals.held(), name)
    monkeypatch.setattr(tailing, "_LOOK_FOR_NEW", 0.0)
    tailer.look()
    gone = {key for key, part in shown if part is None}
    assert gone == {f"run {name}" for name in names[:2]}
    assert {key for key, _ in shown} - gone == {f"run {name}" for name in names[NEWEST_RUNS:]}
    shown.clear()
    add(paths[-1], journals.held(), since=len(journals.held().lines) - 1)
    tailer.look()
    assert [key for key, _ in shown] == [f"run {names[NEWEST_RUNS - 1]}"]


def test_names_of_others_do_not_take_the_place_of_the_newest(tmp_path: Path) -> None:
    shown: set[str] = set()
    put(tmp_path, journals.held())
    for number in range(2 * NEWEST_RUNS):
        put(tmp_path, journals.held(), f"zzz-{number}")
        put(tmp_path, journals.held(), f"99991231-0000{number:02}-kabc")
    Tailer(tmp_path, lambda key, _: shown.add(key)).look()
    assert f"run {RUN}" in shown
    assert len(shown) == NEWEST_RUNS


def test_one_that_cannot_be_followed_keeps_nobody_from_seeing_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str, Part | None]] = []
    names = ["20270101-000001-kabc", "20270101-000002-kabc"]
    for name in names:
        put(tmp_path, journals.held(), name)
    whole = FollowedRun.part

    def part(run: FollowedRun) -> Part:
        if run._directory.name == names[0]:
            raise RecursionError("too deep")
        return whole(run)

    monkeypatch.setattr(FollowedRun, "part", part)
    failed = Tailer(tmp_path, lambda key, part: shown.append((key, part))).look()
    assert failed == f"run {names[0]}: RecursionError: too deep"
    assert [key for key, _ in shown] == [f"run {names[1]}"]
