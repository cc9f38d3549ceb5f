"""The journal is on disk before anything else happens, and does not stop a roll-back."""

from __future__ import annotations

import errno
import io
import json
import threading
from pathlib import Path

import pytest

from chaos_runner.journal import journal as journal_file
from chaos_runner.journal.events import EVENT, Event, Interrupted, Notice, PhaseStarted
from tests.unit.conftest import OpenJournal


class FullDisk(io.StringIO):
    """A file that takes no byte, as one on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_each_event_is_one_line_that_reads_back(open_journal: OpenJournal) -> None:
    seen: list[Event] = []
    journal = open_journal(seen.append)
    journal.write(PhaseStarted(phase="before"))
    journal.write(Interrupted(signal="SIGINT"))
    read = [EVENT.validate_json(line) for line in journal.path.read_text().splitlines()]
    assert read == seen
    assert [event.event for event in read] == ["phase_started", "interrupted"]


def test_a_line_is_on_disk_before_the_observer_sees_it(
    tmp_path: Path, open_journal: OpenJournal
) -> None:
    lines: list[str] = []
    path = tmp_path / "run" / "journal.jsonl"
    journal = open_journal(lambda event: lines.append(path.read_text()))
    journal.write(PhaseStarted(phase="before"))
    assert json.loads(lines[0])["phase"] == "before"


def test_a_run_directory_is_never_used_twice(open_journal: OpenJournal) -> None:
    open_journal(lambda event: None)
    with pytest.raises(FileExistsError):
        open_journal(lambda event: None)


def test_threads_do_not_tear_lines(open_journal: OpenJournal) -> None:
    journal = open_journal(lambda event: None)

    def write() -> None:
        for _ in range(25):
            journal.write(Notice(source="test", message="x" * 300))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([EVENT.validate_json(line) for line in journal.path.read_text().splitlines()]) == 100


def test_what_comes_on_and_on_leaves_room_for_the_end(
    open_journal: OpenJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "MOST_EVENTS", 40)
    seen: list[Event] = []
    journal = open_journal(seen.append)
    for number in range(60):
        journal.write(Notice(source="probe", message=f"{number}"))
    journal.write(PhaseStarted(phase="roll-back"))
    read = [EVENT.validate_json(line) for line in journal.path.read_text().splitlines()]
    assert [event.event for event in read] == ["notice"] * 39 + ["phase_started"]
    assert isinstance(read[38], Notice)
    assert "as large as can be read" in read[38].message
    assert len(seen) == 61  # whoever looks on still hears all


def test_the_room_of_a_journal_is_counted_in_bytes(
    open_journal: OpenJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "LARGEST_JOURNAL", 100_000)
    seen: list[Event] = []
    journal = open_journal(seen.append)
    for _ in range(200):
        journal.write(Notice(source="probe", message="\N{SNOWMAN}" * 300))
    journal.write(PhaseStarted(phase="roll-back"))
    assert 95_000 < journal.path.stat().st_size < 100_000


def test_a_full_disk_stops_a_run_but_not_its_roll_back(open_journal: OpenJournal) -> None:
    seen: list[Event] = []
    journal = open_journal(seen.append)
    real = journal._file
    with FullDisk() as full:
        journal._file = full
        with pytest.raises(OSError, match="No space left"):
            journal.write(PhaseStarted(phase="during"))
        journal.roll_back_goes_first()
        journal.write(PhaseStarted(phase="roll-back"))
        journal._file = real
    assert "No space left" in journal.write_error
    assert isinstance(seen[-1], PhaseStarted)


def test_an_observer_that_fails_is_called_no_more_and_ends_nothing(
    open_journal: OpenJournal,
) -> None:
    called: list[Event] = []

    def observe(event: Event) -> None:
        called.append(event)
        raise BrokenPipeError("nobody reads")

    journal = open_journal(observe)
    journal.write(PhaseStarted(phase="before"))
    journal.write(PhaseStarted(phase="during"))
    assert len(called) == 1
    assert journal.observer_error == "BrokenPipeError: nobody reads"
    assert len(journal.path.read_text().splitlines()) == 2


def test_text_that_is_no_unicode_is_written_out(open_journal: OpenJournal) -> None:
    journal = open_journal(lambda event: None)
    journal.write(Notice(source="test", message=b"caf\xe9".decode("utf-8", "surrogateescape")))
    (read,) = [EVENT.validate_json(line) for line in journal.path.read_bytes().splitlines()]
    assert isinstance(read, Notice)
    assert read.message == "caf\\udce9"
