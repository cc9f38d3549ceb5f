"""The index of runs: never the truth, made anew at any time."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_runner.errors import UsageError
from chaos_runner.learning.history.facts import RunFacts
from chaos_runner.learning.history.index import (
    INDEX_VERSION,
    History,
    Selection,
    index_file,
    read_history,
)
from chaos_runner.operations.history import read_facts
from tests.unit.learning.made_runs import MadeRun
from tests.unit.report import journals


class Counting:
    """A reader that counts which journals are read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, journal: Path) -> RunFacts:
        self.read.append(journal.parent.name)
        return read_facts(journal)


def history(runs: Path, reader: Counting | None = None) -> History:
    return read_history(runs, runs.parent / "state" / "index.sqlite", reader or Counting())


def test_a_journal_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    first, second = MadeRun(0).write(runs), MadeRun(1, lost=5)
    reader = Counting()
    assert len(history(runs, reader).runs) == 1
    second.write(runs)
    assert [each.run for each in history(runs, reader).runs] == [MadeRun(0).run, second.run]
    assert reader.read == [first.parent.name, second.run]
    first.write_bytes(first.read_bytes() + b'{"event":"torn')
    assert len(history(runs, reader).runs) == 2
    assert reader.read[2:] == [first.parent.name]
    first.unlink()
    assert [each.run for each in history(runs, reader).runs] == [second.run]
    assert len(reader.read) == 3


def test_a_part_of_it_is_the_newest_of_an_experiment(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    made = [
        MadeRun(day, experiment=f"x/{name}.yml") for day, name in enumerate(("a", "b", "a", "a"))
    ]
    for each in made:
        each.write(runs)
    bad = runs / "bad"
    bad.mkdir()
    (bad / "journal.jsonl").write_text("{}\n")
    index = tmp_path / "index.sqlite"

    def selected(experiment: str = "", newest: int = -1) -> list[str]:
        found = read_history(runs, index, read_facts, Selection(experiment, newest))
        assert len(found.problems) == 1, "what cannot be read is named whatever is asked for"
        return [run.run for run in found.runs]

    assert selected() == [each.run for each in made]
    assert selected(newest=2) == [made[2].run, made[3].run]
    assert selected(experiment="a", newest=2) == [made[2].run, made[3].run]
    assert selected(experiment="b", newest=9) == [made[1].run]
    assert selected(experiment="' OR 1=1 --") == []


def test_facts_are_those_of_the_story(tmp_path: Path) -> None:
    run = MadeRun(3, lost=40, bad_seconds=6, recovers_after=4).facts(tmp_path)
    assert (run.experiment, run.verdict, run.details.lost) == ("slow-broker", "deviated", 40)
    assert run.details.figures["loss"].value == pytest.approx(100 * 40 / 7000, abs=0.1)
    assert run.details.figures["notice"].value == 0
    assert run.details.figures["recover"].value == pytest.approx(4, abs=1.1)
    assert [each.tolerance for each in run.details.deviated] == ["loss"]


def test_no_runs_are_no_history(tmp_path: Path) -> None:
    assert history(tmp_path / "missing") == History(())


def test_a_damaged_journal_costs_only_itself(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    MadeRun(0).write(runs)
    bad = MadeRun(1).write(runs)
    bad.write_bytes(b"{}\n" + bad.read_bytes())
    found = history(runs)
    assert [each.run for each in found.runs] == [MadeRun(0).run]
    assert len(found.problems) == 1
    assert str(bad) in found.problems[0]
    reader = Counting()
    assert history(runs, reader) == found
    assert reader.read == []


@pytest.mark.parametrize(
    "damage", [b"", b"no database at all", b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_damaged_index_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    runs = tmp_path / "runs"
    MadeRun(0).write(runs)
    found = history(runs)
    (tmp_path / "state" / "index.sqlite").write_bytes(damage)
    assert history(runs) == found
    reader = Counting()
    assert history(runs, reader) == found
    assert reader.read == []


@pytest.mark.parametrize(
    "change",
    [
        "PRAGMA user_version = 999",
        "UPDATE runs SET details = '{}'",
        "DROP TABLE runs",
        "ALTER TABLE runs DROP COLUMN problem",
    ],
)
def test_an_index_of_another_make_is_made_anew(tmp_path: Path, change: str) -> None:
    runs = tmp_path / "runs"
    MadeRun(0).write(runs)
    found = history(runs)
    database = sqlite3.connect(tmp_path / "state" / "index.sqlite")
    database.execute(change)
    database.commit()
    database.close()
    assert history(runs) == found


def test_an_index_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    MadeRun(0).write(runs)
    (tmp_path / "state").write_text("a file in the way", encoding="utf-8")
    assert len(history(runs).runs) == 1


ENDLESS = (
    "CREATE VIEW runs AS WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more)"
    " SELECT n AS journal, n AS size, n AS changed FROM more"
)


@pytest.mark.parametrize("place", ["index", "directory"])
def test_an_index_that_others_may_have_written_is_not_opened(tmp_path: Path, place: str) -> None:
    MadeRun(0).write(tmp_path / "runs")
    index = tmp_path / "state" / "index.sqlite"
    index.parent.mkdir()
    with closing(sqlite3.connect(index)) as database:
        database.execute(f"PRAGMA user_version = {INDEX_VERSION}")
        database.execute(ENDLESS)
    (index if place == "index" else index.parent).chmod(0o777)
    before = index.read_bytes()
    assert len(history(tmp_path / "runs").runs) == 1
    assert index.read_bytes() == before


def test_an_index_behind_a_link_is_not_opened(tmp_path: Path) -> None:
    MadeRun(0).write(tmp_path / "runs")
    somebodys = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(somebodys)) as database:
        database.execute("CREATE TABLE runs (shoes TEXT)")
    before = somebodys.read_bytes()
    index = tmp_path / "state" / "index.sqlite"
    index.parent.mkdir()
    index.symlink_to(somebodys)
    assert len(history(tmp_path / "runs").runs) == 1
    assert somebodys.read_bytes() == before


def test_a_name_of_any_bytes_is_read(tmp_path: Path) -> None:
    directory = Path(os.fsdecode(os.fsencode(tmp_path) + b"/runs/\xff\n"))
    directory.mkdir(parents=True)
    (directory / "journal.jsonl").write_bytes(journals.held().content)
    assert len(history(tmp_path / "runs").runs) == 1
    reader = Counting()
    history(tmp_path / "runs", reader)
    assert reader.read == []


def test_each_directory_of_runs_has_an_index_of_its_own(tmp_path: Path) -> None:
    assert index_file(tmp_path, tmp_path / "a") != index_file(tmp_path, tmp_path / "b")


def test_a_run_is_found_by_id_directory_or_journal(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    journal = MadeRun(0).write(runs)
    found = history(runs)
    assert {found.named(str(name)).run for name in (MadeRun(0).run, journal, journal.parent)} == {
        MadeRun(0).run
    }
    with pytest.raises(UsageError, match="no run `other`"):
        found.named("other")


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "lose", "remove", "damage", "spoil"]), st.integers(0, 4)),
    max_size=6,
)


@settings(max_examples=10, deadline=None)
@given(steps=STEPS)
def test_whatever_happened_the_index_says_what_the_journals_say(
    steps: list[tuple[str, int]],
) -> None:
    with TemporaryDirectory() as directory:
        runs = Path(directory) / "runs"
        runs.mkdir()
        for step, day in steps:
            _do(step, MadeRun(day), runs)
            history(runs)
        anew = read_history(runs, Path(directory) / "other" / "index.sqlite", read_facts)
        assert history(runs) == anew


def _do(step: str, run: MadeRun, runs: Path) -> None:
    journal = runs / run.run / "journal.jsonl"
    if step == "spoil":
        index = runs.parent / "state" / "index.sqlite"
        if index.exists():
            index.write_bytes(index.read_bytes()[: 600 * run.day])
    elif step == "add" and not journal.exists():
        run.write(runs)
    elif journal.exists() and step in ("lose", "damage", "remove"):
        content = journal.read_bytes()
        changed = {"lose": content[: -40 * (run.day + 1)], "damage": b"{}\n" + content}
        if step == "remove":
            journal.unlink()
            journal.parent.rmdir()
        else:
            journal.write_bytes(changed[step])
