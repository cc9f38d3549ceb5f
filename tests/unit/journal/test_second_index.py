"""The index of a large journal: it spares work, and never changes what a report says."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_runner.analysis import run_seconds
from chaos_runner.journal import second_index
from chaos_runner.journal.reader import read_journal
from chaos_runner.journal.second_index import SecondIndex
from chaos_runner.report.rendering import as_html, as_json
from chaos_runner.report.story.report_model import tell_story
from tests.unit.report import journals, outages
from tests.unit.report.journal_writer import JournalWriter


@pytest.fixture(autouse=True)
def every_journal_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_index, "LARGE", 1)
    monkeypatch.setattr(second_index, "LARGE_COMPRESSED", 1)


@pytest.fixture
def index(tmp_path: Path) -> SecondIndex:
    return SecondIndex(tmp_path / "seconds")


def written(directory: Path, content: bytes, name: str = "journal.jsonl") -> Path:
    path = directory / name
    path.write_bytes(content)
    return path


def told(path: Path, index: SecondIndex | None = None) -> str:
    story = tell_story(read_journal(path, index))
    return as_json(story) + as_html(story)


def index_of(path: Path, index: SecondIndex) -> Path:
    file = index.file_of(path)
    assert file
    return file


def make_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test fail where a second is looked at once more."""
    monkeypatch.delattr(run_seconds, "second_of")


@pytest.mark.parametrize(
    "journal", [journals.held, journals.deviated, journals.dirty, journals.hostile, outages.outage]
)
def test_a_report_says_the_same_by_the_index(
    tmp_path: Path,
    index: SecondIndex,
    journal: Callable[[], JournalWriter],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = written(tmp_path, journal().content)
    plain = told(path)
    assert told(path, index) == plain
    assert index.read(index_of(path, index))
    make_no_figures(monkeypatch)
    assert told(path, index) == plain


def test_a_compressed_journal_has_one_too(
    tmp_path: Path, index: SecondIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, gzip.compress(outages.outage().content), "journal.jsonl.gz")
    plain = told(path, index)
    make_no_figures(monkeypatch)
    assert told(path, index) == plain


def test_a_journal_that_was_changed_by_one_figure_is_read_anew(
    tmp_path: Path, index: SecondIndex
) -> None:
    content = outages.outage().content
    path = written(tmp_path, content)
    before = told(path, index)
    path.write_bytes(content.replace(b'"acked":100', b'"acked":101'))
    assert told(path, index) == told(path) != before


def test_one_that_is_damaged_is_made_anew(tmp_path: Path, index: SecondIndex) -> None:
    path = written(tmp_path, outages.outage().content)
    plain = told(path, index)
    file = index_of(path, index)
    whole = file.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for damaged in (b"", whole[:1], whole[:middle], whole[:-1], flipped, b"x" * 1000):
        file.write_bytes(damaged)
        assert index.read(file) is None
        assert told(path, index) == plain
        assert file.read_bytes() == whole


def test_one_that_others_may_have_written_is_left_alone(tmp_path: Path, index: SecondIndex) -> None:
    path = written(tmp_path, outages.outage().content)
    of_another = written(tmp_path, journals.held().content, "other.jsonl")
    told(of_another, index)
    planted = index_of(of_another, index).read_bytes()
    file = index_of(path, index)
    file.write_bytes(planted)
    file.chmod(0o666)
    assert told(path, index) == told(path)
    assert file.read_bytes() == planted
    file.unlink()
    file.symlink_to(index_of(of_another, index))
    assert told(path, index) == told(path)
    assert file.is_symlink()
    file.unlink()
    file.parent.chmod(0o777)
    assert told(path, index) == told(path)
    assert not file.exists()


def test_a_run_that_is_not_over_has_none(tmp_path: Path, index: SecondIndex) -> None:
    path = written(tmp_path, journals.killed().content)
    told(path, index)
    assert not index_of(path, index).exists()


def test_small_journals_and_such_as_no_run_writes_have_none(
    tmp_path: Path, index: SecondIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, outages.outage().content)
    size = path.stat().st_size
    monkeypatch.setattr(second_index, "LARGE", size + 1)
    assert index.file_of(path) is None
    monkeypatch.setattr(second_index, "LARGE", 1)
    monkeypatch.setattr(second_index, "LARGEST_JOURNAL", size - 1)
    assert index.file_of(path) is None
    assert index.file_of(tmp_path / "missing") is None


def test_only_the_newest_are_kept(
    tmp_path: Path, index: SecondIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_index, "MOST_KEPT", 2)
    content = outages.outage().content
    paths = [written(tmp_path, content + b"\n" * blank, f"{blank}.jsonl") for blank in range(3)]
    for path in paths:
        told(path, index)
    assert [index_of(path, index).exists() for path in paths] == [False, True, True]


def test_without_a_place_to_write_there_is_a_report_all_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, outages.outage().content)
    assert told(path, SecondIndex(path / "below-a-file")) == told(path)
