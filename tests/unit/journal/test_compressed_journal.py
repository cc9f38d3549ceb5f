"""A journal that gzip compressed is read as any other, and never unpacked beyond the limit."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.journal import lines as journal_lines
from chaos_runner.journal.journal import find_journal, journals_in
from chaos_runner.journal.reader import read_journal, read_start
from chaos_runner.learning.history.index import read_history
from chaos_runner.operations.history import read_facts
from chaos_runner.report.rendering import as_json
from chaos_runner.report.story.report_model import tell_story
from tests.unit.report import journals
from tests.unit.report.journal_writer import RUN

NAME = "journal.jsonl.gz"


def compressed(runs: Path, content: bytes) -> Path:
    (runs / RUN).mkdir(parents=True)
    path = runs / RUN / NAME
    path.write_bytes(content)
    return path


def test_it_tells_what_the_plain_one_tells(tmp_path: Path) -> None:
    content = journals.deviated().content
    plain = tmp_path / "journal.jsonl"
    plain.write_bytes(content)
    path = compressed(tmp_path / "runs", gzip.compress(content))
    assert as_json(tell_story(read_journal(path))) == as_json(tell_story(read_journal(plain)))
    assert read_start(path).run == RUN


def test_it_is_found_by_the_name_of_its_run_and_in_the_history(tmp_path: Path) -> None:
    path = compressed(tmp_path / "runs", gzip.compress(journals.held().content))
    runs = path.parent.parent
    assert find_journal(RUN, runs) == find_journal(str(path.parent), runs) == path
    assert journals_in(runs) == {RUN: path}
    history = read_history(runs, tmp_path / "index.sqlite", read_facts)
    assert [run.run for run in history.runs] == [RUN]
    assert history.named(str(path)).run == RUN


def test_the_plain_one_beside_it_is_the_one_that_is_read(tmp_path: Path) -> None:
    path = compressed(tmp_path / "runs", b"not looked at")
    plain = path.with_name("journal.jsonl")
    plain.write_bytes(journals.held().content)
    assert find_journal(RUN, path.parent.parent) == plain
    assert read_history(path.parent.parent, tmp_path / "index", read_facts).problems == ()


@pytest.mark.parametrize(("before", "missing"), [(b"", 9), (b"\0", 0)])
def test_one_that_is_not_whole_is_refused_by_name(
    tmp_path: Path, before: bytes, missing: int
) -> None:
    whole = gzip.compress(journals.held().content)
    path = compressed(tmp_path / "runs", before + whole[: len(whole) - missing])
    with pytest.raises(UsageError, match="is no whole gzip file") as refused:
        read_journal(path)
    assert str(path) in refused.value.message


@pytest.mark.parametrize(
    ("filler", "problem"), [(b"\n", "no run writes"), (b" ", "is longer than")]
)
def test_a_bomb_is_given_up_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filler: bytes, problem: str
) -> None:
    monkeypatch.setattr(journal_lines, "LARGEST_LINE", 8192)
    monkeypatch.setattr(journal_lines, "MOST_EVENTS", 1000)
    bomb = journals.held().content.splitlines(keepends=True)[0] + filler * 1_000_000
    path = compressed(tmp_path / "runs", gzip.compress(bomb))
    with pytest.raises(UsageError, match=problem):
        read_journal(path)
