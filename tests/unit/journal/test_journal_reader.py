from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.journal.events import SCHEMA_VERSION, PhaseStarted, RunFinished
from chaos_runner.journal.journal import find_journal
from chaos_runner.journal.reader import parse_journal, read_journal
from tests.unit.report import journals
from tests.unit.report.journal_writer import RUN, JournalWriter


def small() -> JournalWriter:
    journal = JournalWriter()
    journal.start([])
    journal.phase("preflight", 0.5)
    return journal


def test_every_event_comes_back_in_order() -> None:
    written = journals.held()
    read = parse_journal(written.content, "j")
    buckets = sum(b'"probe_bucket"' in line for line in written.content.splitlines())
    assert len(read.events) == len(written.lines) - buckets
    assert len(read.seconds) == buckets
    assert read.started.run == RUN
    assert isinstance(read.events[-1], RunFinished)
    assert read.notes == ()


def test_a_torn_last_line_is_dropped_and_noted_wherever_it_is_cut() -> None:
    content = small().content
    last = content.rstrip(b"\n").rfind(b"\n") + 1
    for end in range(last + 1, len(content) - 1):
        read = parse_journal(content[:end], "j")
        assert len(read.events) == 1
        assert read.notes[0].startswith(f"Line 2, the last, was cut off after {end - last} bytes")


def test_a_last_line_cut_within_a_character_is_dropped() -> None:
    torn = small().content + '{"event":"phase_started","phase":"\u00e9'.encode()[:-1]
    assert len(parse_journal(torn, "j").events) == 2


def test_a_whole_last_line_without_its_line_end_counts() -> None:
    read = parse_journal(small().content.removesuffix(b"\n"), "j")
    assert isinstance(read.events[-1], PhaseStarted)
    assert read.notes == ()


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (b'{"event":"phase_st', "is not JSON"),
        (b"[1]", "is not an event"),
        (b'{"phase":"during"}', "is not an event"),
        (b'{"event":"phase_started","at":"2026-11-23T14:45:00Z","elapsed":1}', "phase"),
    ],
)
def test_a_broken_line_in_the_middle_is_named(broken: bytes, problem: str) -> None:
    first, second = small().content.splitlines(keepends=True)
    with pytest.raises(UsageError) as caught:
        parse_journal(first + broken + b"\n" + second, "runs/x/journal.jsonl")
    assert caught.value.message.startswith("runs/x/journal.jsonl:2: ")
    assert problem in caught.value.message


def test_kinds_of_a_newer_version_are_skipped_and_counted() -> None:
    newer = b'{"event":"moon_phase","at":"2026-11-23T14:45:00Z","elapsed":1}\n'
    read = parse_journal(small().content + newer + newer, "j")
    assert len(read.events) == 2
    assert read.notes == ("Left out 2 lines of kind `moon_phase`, which this version cannot read.",)


def test_known_kinds_that_a_newer_version_changed_are_skipped() -> None:
    journal = JournalWriter()
    journal.start([], schema_version=SCHEMA_VERSION + 1)
    changed = {"event": "phase_started", "at": "2026-11-23T14:45:00Z", "elapsed": 1, "phase": "new"}
    read = parse_journal(journal.content + json.dumps(changed).encode() + b"\n", "j")
    assert len(read.events) == 1
    assert f"schema version {SCHEMA_VERSION + 1}" in read.notes[0]
    assert "1 line of kind `phase_started`" in read.notes[1]


def test_a_journal_of_an_earlier_version_is_refused_in_one_sentence() -> None:
    journal = JournalWriter()
    journal.start([], schema_version=1)
    with pytest.raises(UsageError) as caught:
        parse_journal(journal.content, "j")
    assert caught.value.message == (
        "j: is a journal of schema version 1, and this chaos-runner reads version 3"
    )
    assert "version of chaos-runner that wrote it" in caught.value.hint


def test_a_line_that_does_not_say_when_is_no_event() -> None:
    timeless = b'{"event":"phase_started","elapsed":1,"phase":"during"}\n'
    with pytest.raises(UsageError, match="does not say when it happened"):
        parse_journal(small().content + timeless, "j")


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"event":"interr'])
def test_a_journal_without_an_event_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError, match="holds no event"):
        parse_journal(content, "j")


def test_a_journal_without_its_first_line_is_refused() -> None:
    with pytest.raises(UsageError, match="run_started"):
        parse_journal(small().content.splitlines(keepends=True)[1], "j")


def test_a_run_is_found_by_id_directory_and_file(tmp_path: Path) -> None:
    journal = tmp_path / RUN / "journal.jsonl"
    journal.parent.mkdir()
    journal.write_bytes(small().content)
    for name in (RUN, str(journal.parent), str(journal)):
        assert find_journal(name, tmp_path) == journal
    assert read_journal(journal).started.run == RUN


def test_an_unknown_run_names_the_newest_ones(tmp_path: Path) -> None:
    for day in range(10, 17):
        (tmp_path / f"202611{day}-k").mkdir()
        (tmp_path / f"202611{day}-k" / "journal.jsonl").touch()
    with pytest.raises(UsageError) as caught:
        find_journal("nope", tmp_path)
    assert "20261116-k, 20261115-k" in caught.value.hint
    assert "20261111-k" not in caught.value.hint


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_journal(tmp_path / "journal.jsonl")
