"""The monkey's service with a made clock and a stand-in for runs: nothing twice, nothing lost."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from chaos_runner.errors import InjectionError, RefusedError, UsageError
from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
from chaos_runner.operations.monkey.service import Monkey
from chaos_runner.operations.monkey.world import ReadyRun, RunResult
from chaos_runner.schedule.history import History
from chaos_runner.schedule.loaded import LoadedSchedule
from chaos_runner.schedule.monkey_events import (
    Ended,
    FindingMade,
    MonkeyEvent,
    Released,
    Skipped,
    Stopped,
)
from chaos_runner.schedule.occurrences import occurrences
from tests.unit.schedule.made_schedules import made
from tests.unit.schedule.made_world import BEGIN, TEXT, DiedError, MadeWorld, told, work


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedSchedule:
    return made(tmp_path, TEXT, "a", "b", "c")


def test_every_occurrence_of_a_day_is_executed_or_told(
    loaded: LoadedSchedule, tmp_path: Path
) -> None:
    world = MadeWorld()
    events = work(loaded, tmp_path, world)
    counted = told(events)
    assert set(counted.values()) == {1}
    assert sum(name == "a" for name, _ in counted) == 12
    assert sum(name == "b" for name, _ in counted) == 4
    skipped = [each for each in events if isinstance(each, Skipped)]
    assert len(world.executed) + len(skipped) == len(counted)
    assert any("outside the hours" in each.reason for each in skipped)
    assert isinstance(events[-1], Stopped)
    for name, began in world.executed:
        assert any(
            name == each and timedelta(0) <= began - due <= timedelta(minutes=6)
            for each, due in counted
        )


def test_what_was_begun_is_expected_no_more(tmp_path: Path) -> None:
    """A run takes 220 s, and by its phases up to 260: the next, 240 s later, has to come."""
    text = "title: t\nexperiments:\n  - {experiment: a.yml, cron: '*/4 * * * *'}\n"
    loaded = made(tmp_path, text, "a")
    assert loaded.experiments[0].seconds > 240
    world = MadeWorld(until=BEGIN + timedelta(hours=1))
    events = work(loaded, tmp_path, world)
    assert [each.reason for each in events if isinstance(each, Skipped)] == []
    assert len(world.executed) == 15


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    deaths=some.lists(
        some.tuples(some.integers(1, 20), some.integers(0, 300)), min_size=1, max_size=3
    ),
    minutes=some.integers(0, 90),
)
def test_a_restart_anywhere_in_the_journal_repeats_nothing_and_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, deaths: list[tuple[int, int]], minutes: int
) -> None:
    """Each death is a power cut in the writing of some line, of which a part may be there."""
    directory = tmp_path_factory.mktemp("runs")
    loaded = made(directory, TEXT, "a", "b", "c")
    world = MadeWorld(until=BEGIN + timedelta(hours=6))
    for lines, torn in deaths:
        work_until_death(loaded, directory, world, lines, torn)
        world.clock += timedelta(minutes=minutes)
    world.until = max(world.until, world.clock + timedelta(hours=2))
    events = work(loaded, directory, world)
    counted = told(events)
    assert set(counted.values()) == {1}
    executed, ended = (
        Counter(name for name, _ in world.executed),
        Counter(each.experiment for each in events if isinstance(each, Ended)),
    )
    assert executed <= ended  # a run that died has an end, and is not begun again
    started = next(each.at for each in events)
    due = {
        (each.experiment, each.due)
        for each in occurrences(loaded, started, world.until, History())
        if each.due < world.until - timedelta(minutes=10)
    }
    assert due <= set(counted)


def work_until_death(
    loaded: LoadedSchedule, directory: Path, world: MadeWorld, lines: int, torn: int
) -> None:
    """Work until so many lines are written, and leave some bytes of the last one."""

    class DyingJournal(MonkeyJournal):
        left = lines

        def append(self, event: MonkeyEvent) -> None:
            self.left -= 1
            size = self.path.stat().st_size if self.path.exists() else 0
            super().append(event)
            if self.left == 0:
                whole = self.path.stat().st_size
                with self.path.open("r+b") as file:
                    file.truncate(min(whole, size + torn))
                raise DiedError

    journal = DyingJournal(directory, loaded.name)
    with journal.kept_by_one(), suppress(DiedError):
        Monkey(loaded, journal, world).work()


def test_a_journal_cut_anywhere_afterwards_repeats_nothing(
    loaded: LoadedSchedule, tmp_path: Path
) -> None:
    """What is lost of the past is told as missed: nobody begins it a second time."""
    world = MadeWorld(until=BEGIN + timedelta(hours=8))
    work(loaded, tmp_path, world)
    journal = MonkeyJournal(tmp_path, loaded.name).path
    content, before = journal.read_bytes(), len(world.executed)
    for size in range(0, len(content), 131):
        journal.write_bytes(content[:size])
        again = MadeWorld(
            clock=BEGIN + timedelta(hours=8, minutes=30),
            until=BEGIN + timedelta(hours=8, minutes=50),
        )
        events = work(loaded, tmp_path, again)
        assert [began for _, began in again.executed if began < world.until] == []
        assert set(told(events).values()) <= {1}
    assert before > 0


def test_a_run_in_which_the_service_died_has_an_end_and_is_not_begun_again(
    loaded: LoadedSchedule, tmp_path: Path
) -> None:
    world = MadeWorld(until=BEGIN + timedelta(hours=6), dies_in_run=2)
    with pytest.raises(DiedError):
        work(loaded, tmp_path, world)
    world.clock += timedelta(minutes=1)
    events = work(loaded, tmp_path, world)
    [died] = [each for each in events if isinstance(each, Ended) and each.reasons]
    assert died.reasons == ["the service died"]
    assert set(told(events).values()) == {1}


def test_what_was_missed_is_told_and_not_made_up_for(
    loaded: LoadedSchedule, tmp_path: Path
) -> None:
    world = MadeWorld(until=BEGIN + timedelta(hours=1))
    work(loaded, tmp_path, world)
    before = len(world.executed)
    world.clock, world.until = BEGIN + timedelta(hours=9, minutes=10), BEGIN + timedelta(hours=9.4)
    events = work(loaded, tmp_path, world)
    assert len(world.executed) == before + sum(
        began > world.until - timedelta(minutes=30) for _, began in world.executed
    )
    missed = [each for each in events if isinstance(each, Skipped) and "missed" in each.reason]
    assert [each.due.hour for each in missed if each.experiment == "a"] == [2, 4, 6, 8]


def test_after_a_deviation_it_rests_until_somebody_says_so(
    loaded: LoadedSchedule, tmp_path: Path
) -> None:
    world = MadeWorld(
        until=BEGIN + timedelta(hours=5), results={"a": RunResult("", "deviated", 1, 12.5)}
    )
    events = work(loaded, tmp_path, world)
    assert [name for name, _ in world.executed].count("a") == 1
    [finding] = [each for each in events if isinstance(each, FindingMade)]
    assert world.made_findings == [finding.run]
    assert world.findings_told == [("a", finding.run, finding.finding)]
    held = [each for each in events if isinstance(each, Skipped) and each.experiment == "a"]
    assert all("comes again when its finding is closed" in each.reason for each in held)
    assert [each.due.hour for each in held] == [2, 4]
    journal = MonkeyJournal(tmp_path, loaded.name)
    journal.append(Released(at=world.clock, experiment="a", by="anna@ops"))
    world.until += timedelta(hours=2)
    work(loaded, tmp_path, world)
    assert [name for name, _ in world.executed].count("a") == 2


def test_a_closed_finding_releases_its_experiment(loaded: LoadedSchedule, tmp_path: Path) -> None:
    world = MadeWorld(until=BEGIN + timedelta(hours=1), results={"a": RunResult("", "deviated", 1)})
    events = work(loaded, tmp_path, world)
    world.closed_findings = {each.run for each in events if isinstance(each, FindingMade)}
    world.until += timedelta(hours=2)
    work(loaded, tmp_path, world)
    assert [name for name, _ in world.executed].count("a") == 2


def test_a_host_that_is_not_clean_ends_everything_until_somebody_says_so(
    loaded: LoadedSchedule, tmp_path: Path
) -> None:
    world = MadeWorld(until=BEGIN + timedelta(hours=5), results={"a": RunResult("", "held", 10)})
    events = work(loaded, tmp_path, world)
    assert [name for name, _ in world.executed][-1] == "a"
    assert any(
        each.experiment == "b" and "not clean" in each.reason
        for each in events
        if isinstance(each, Skipped)
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"away": lambda _: "runs are halted, by anna"}, "runs are halted, by anna"),
        ({"refusal": RefusedError("k1: has residue")}, "refused: k1: has residue"),
        ({"no_announcements": True}, "could not be announced: nobody answers"),
    ],
)
def test_what_keeps_a_run_away_is_told(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    loaded = made(tmp_path, TEXT + "announce: {lead: 30m}\n", "a", "b", "c")
    world = MadeWorld(until=BEGIN + timedelta(hours=5), **change)  # type: ignore[arg-type]
    events = work(loaded, tmp_path, world)
    assert world.executed == []
    assert any(words in each.reason for each in events if isinstance(each, Skipped))


def test_a_run_that_fails_is_told_and_the_service_goes_on(
    loaded: LoadedSchedule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = MadeWorld(until=BEGIN + timedelta(hours=3))

    def fails() -> RunResult:
        raise InjectionError("no effect")

    monkeypatch.setattr(
        world, "prepare", lambda each: ReadyRun(f"{each.name}-{world.clock:%H%M%S}", (), (), fails)
    )
    events = work(loaded, tmp_path, world)
    ended = [each for each in events if isinstance(each, Ended)]
    assert len(ended) >= 2
    assert {(each.exit_code, *each.reasons) for each in ended} == {(5, "no effect")}


def test_hosts_that_were_chosen_have_opted_out(tmp_path: Path) -> None:
    loaded = made(
        tmp_path,
        TEXT + "opt_outs: [{host: k7, reason: its disk, last_day: 2027-12-31}]\n",
        "a",
        "b",
        "c",
    )
    world = MadeWorld(until=BEGIN + timedelta(hours=5), hosts=("k6", "k7"))
    events = work(loaded, tmp_path, world)
    assert world.executed == []
    assert any("k7 opted out" in each.reason for each in events if isinstance(each, Skipped))


def test_it_is_announced_before_it_comes(tmp_path: Path) -> None:
    text = TEXT.replace('"0 */2 * * *"', '"0 9 * * *"') + "announce: {lead: 1h}\n"
    loaded = made(tmp_path, text, "a", "b", "c")
    world = MadeWorld()
    work(loaded, tmp_path, world)
    assert [at for name, at in world.announced if name == "a"] == [BEGIN + timedelta(hours=8)]
    assert world.ends_told == []  # each run told its own


def test_one_schedule_has_one_monkey(loaded: LoadedSchedule, tmp_path: Path) -> None:
    with MonkeyJournal(tmp_path, loaded.name).kept_by_one(), pytest.raises(RefusedError):
        work(loaded, tmp_path, MadeWorld())


def test_a_journal_that_was_changed_by_hand_is_refused_with_its_line(
    loaded: LoadedSchedule, tmp_path: Path
) -> None:
    work(loaded, tmp_path, MadeWorld(until=BEGIN + timedelta(hours=3)))
    journal = MonkeyJournal(tmp_path, loaded.name)
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join([lines[0], b'{"event": "of a newer version"}\n', *lines[1:]]))
    assert len(list(journal.events())) == len(lines)
    journal.path.write_bytes(b"".join([lines[0], b"\x1b[2Jhello\n", *lines[1:]]))
    with pytest.raises(UsageError, match=r"schedule\.jsonl:2: is no event of a monkey"):
        list(journal.events())
