"""The journal of a game day: several writers, torn lines, hostile words, a bounded reader."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_runner.errors import UsageError
from chaos_runner.gameday.events import DayStarted, Noted, Noticed
from chaos_runner.gameday.journal import MOST_NOTES, create_journal, find_day, read_day, write
from tests.unit.gameday.days import HOSTILE

STARTED = DayStarted(identity="gameday-1", title="A", file="/day.yml", day={}, titles=["x"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make the journal of a day."""
    return create_journal(tmp_path / "runs", STARTED)


def test_who_wrote_when_is_in_each_line(path: Path) -> None:
    write(path, Noted(text="pager rang"))
    started, noted = read_day(path).events
    assert "@" in noted.by
    assert noted.at >= started.at


def test_writers_beside_each_other_lose_no_line(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write(path, Noted(text=f"{number} " * 200)), range(80)))
    read = read_day(path)
    assert read.notes == ()
    assert {event.text.split()[0] for event in read.events if isinstance(event, Noted)} == {
        str(number) for number in range(80)
    }


@pytest.mark.parametrize("torn", [b'{"event":"noted","te', b"\xff\xfe", b"[" * 5000])
def test_after_a_torn_line_the_next_one_stands_by_itself(torn: bytes, path: Path) -> None:
    with path.open("ab") as file:
        file.write(torn)
    write(path, Noticed(who="Anna"))
    read = read_day(path)
    assert [event.event for event in read.events] == ["day_started", "noticed"]
    assert read.notes == ("Line 2 could not be read, and is left out.",)


def test_broken_lines_are_counted_and_not_all_named(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x\n" * 1000)
    notes = read_day(path).notes
    assert len(notes) == MOST_NOTES + 1
    assert notes[-1] == f"Left out {1000 - MOST_NOTES} more lines that could not be read."


@pytest.mark.parametrize("text", [HOSTILE, "a\nb\x1b[2J", "\u202e"])
def test_any_words_are_kept_on_one_line(text: str, path: Path) -> None:
    write(path, Noted(text=text))
    assert len(path.read_bytes().splitlines()) == 2
    assert read_day(path).notes == ()


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_after_the_beginning_are_read_or_left_out(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    path = create_journal(tmp_path_factory.mktemp("runs"), STARTED)
    with path.open("ab") as file:
        file.write(junk)
    assert read_day(path).events[0].event == "day_started"


@pytest.mark.parametrize("content", [b"", b"\n", b'{"event":"noted","text":"x"}\n', b"nothing\n"])
def test_what_does_not_begin_a_day_is_refused(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError, match="does not begin with"):
        read_day(path)


def test_a_link_and_a_pipe_are_not_written_to(path: Path, tmp_path: Path) -> None:
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(path)
    os.mkfifo(pipe)
    for wrong in (link, pipe):
        with pytest.raises(UsageError):
            write(wrong, Noted(text="x"))
    assert len(path.read_bytes().splitlines()) == 1


def test_a_day_is_found_by_name_directory_file_and_as_the_newest(path: Path) -> None:
    runs = path.parent.parent
    newer = create_journal(runs, STARTED.model_copy(update={"identity": "gameday-2"}))
    assert find_day(None, runs) == newer
    for name in ("gameday-1", str(path.parent), str(path)):
        assert find_day(name, runs) == path
    with pytest.raises(UsageError) as error:
        find_day("gameday-3", runs)
    assert error.value.hint == "newest game days here: gameday-2, gameday-1"
    with pytest.raises(UsageError, match="there is no game day in"):
        find_day(None, runs / "none")
