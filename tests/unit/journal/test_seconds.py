"""The seconds of the probe are read by their bytes, and tell what each of them told last."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from chaos_runner.analysis import run_seconds
from chaos_runner.analysis.second import Second, second_of
from chaos_runner.analysis.second_summarizer import AT_ONCE, COMPLETE_AFTER, SecondSummarizer
from chaos_runner.analysis.summarized_seconds import SecondColumns
from chaos_runner.errors import UsageError
from chaos_runner.journal import seconds
from chaos_runner.journal.events import EVENT, ProbeBucket, SecondsSummarized
from chaos_runner.journal.plausible import is_modest
from chaos_runner.journal.reader import parse_journal
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket, Counts
from chaos_runner.measurements.totals import counts_of
from chaos_runner.report.rendering import as_html, as_json
from chaos_runner.report.story.report_model import tell_story
from tests.unit.report import journals, outages
from tests.unit.report.journal_writer import JournalWriter
from tests.unit.report.long_run import long_run


def second(journal: JournalWriter, number: int, phase: str = "during", **counts: int) -> None:
    told = {"scheduled": 100, **counts}
    journal.group_second(Exposure.LEADER, number, phase, float(number), 4.0, told)


def begun() -> JournalWriter:
    journal = JournalWriter()
    journal.start([])
    return journal


def summarized(journal: JournalWriter) -> bytes:
    """Return a journal with what its seconds came to, where a run writes it."""
    summarizer = SecondSummarizer()
    lines: list[str] = []
    for line in journal.lines:
        lines.append(line)
        event = EVENT.validate_json(line)
        if isinstance(event, ProbeBucket) and (found := summarizer.take(event.bucket)):
            told = SecondsSummarized(at=event.at, elapsed=event.elapsed, seconds=found)
            lines.append(told.model_dump_json())
    return "".join(f"{line}\n" for line in lines).encode()


def with_summarized(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a journal whose first summarized seconds were changed."""
    lines = summarized(long_run(1, 300)).splitlines()
    place = next(each for each, line in enumerate(lines) if b"seconds_summarized" in line)
    event = json.loads(lines[place])
    change(event["seconds"])
    lines[place] = json.dumps(event).encode()
    return b"".join(line + b"\n" for line in lines)


def respelled(journal: JournalWriter) -> bytes:
    """Return a journal of the same events, written as no run writes: with spaces."""
    return b"".join(json.dumps(json.loads(line)).encode() + b"\n" for line in journal.lines)


def test_what_was_told_last_counts_however_it_is_written() -> None:
    journal = begun()
    for number in range(3 * COMPLETE_AFTER):
        second(journal, number, acked=100, consumed=90, not_yet_consumed=10)
        if number:
            second(journal, number - 1, acked=100, consumed=100)
    by_bytes = parse_journal(journal.content, "j")
    by_values = parse_journal(respelled(journal), "j")
    assert by_bytes.seconds.of() == by_values.seconds.of()
    assert by_bytes.seconds.totals("during") == by_values.seconds.totals("during")
    assert by_bytes.stopped == by_values.stopped == 3 * COMPLETE_AFTER - 1 + 1.2
    assert [each.consumed for each in by_bytes.seconds.of()] == [100] * (3 * COMPLETE_AFTER - 1) + [
        90
    ]
    assert by_bytes.seconds.totals("during").acked == 100 * 3 * COMPLETE_AFTER


@pytest.mark.parametrize("written", [lambda: long_run(2, 500), outages.outage, journals.deviated])
def test_summarized_seconds_say_what_their_buckets_say(
    written: Callable[[], JournalWriter],
) -> None:
    journal = written()
    plain, quick = (
        tell_story(parse_journal(each, "j")) for each in (journal.content, summarized(journal))
    )
    assert quick == plain
    assert as_json(quick) == as_json(plain)


def test_what_is_summarized_is_never_made_figures_of_again(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = begun()
    for number in range(2 * COMPLETE_AFTER + 2 * AT_ONCE):
        second(journal, number)
    content = summarized(journal)
    made = []

    def watched(parts: Sequence[Bucket], start: float, *, final: bool) -> Second:
        made.append(parts[0].second)
        return second_of(parts, start, final=final)

    monkeypatch.setattr(run_seconds, "second_of", watched)
    assert len(parse_journal(content, "j").seconds) == 2 * COMPLETE_AFTER + 2 * AT_ONCE
    assert set(made) == set(range(COMPLETE_AFTER + AT_ONCE, 2 * COMPLETE_AFTER + 2 * AT_ONCE))


def test_lines_of_summarized_seconds_are_read_without_a_look_at_each_value() -> None:
    content = summarized(long_run(1, 600))
    lines = [line for line in content.splitlines() if b'"seconds_summarized"' in line]
    assert len(lines) > 4
    assert all(map(is_modest, lines))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda each: each["whole"]["acked"].pop(), "columns are not of one length"),
        (lambda each: each["whole"]["ack"]["p99"].append(1.0), "columns are not of one length"),
        (lambda each: each["whole"]["second"].__setitem__(1, 0), "stands in it twice"),
        (lambda each: each["groups"]["none"]["second"].__setitem__(0, 9999), "the whole has not"),
        (lambda each: each["samples"][0]["latency"].pop(), "columns are not of one length"),
        (lambda each: each["whole"]["acked"].__setitem__(0, "1"), "valid integer"),
        (lambda each: each["whole"]["acked"].__setitem__(0, 10**19), "larger than any number"),
        (lambda each: each["whole"]["elapsed"].__setitem__(0, 1e12), "longer than ten years"),
        (
            lambda each: each["sums"][0]["totals"]["ack"].__setitem__("4097", 1),
            "less than or equal",
        ),
    ],
)
def test_summarized_seconds_that_no_run_writes_are_refused(
    change: Callable[[dict[str, Any]], object], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        parse_journal(with_summarized(change), "j")


def test_seconds_that_are_summarized_twice_are_refused() -> None:
    content = summarized(long_run(1, 300))
    [line] = [each for each in content.splitlines() if b'"seconds_summarized"' in each][:1]
    with pytest.raises(UsageError, match="second 0 of the probe is summarized twice"):
        parse_journal(content + line + b"\n", "j")


def test_more_seconds_than_a_run_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seconds, "MOST_SECONDS", 100)
    with pytest.raises(UsageError, match="tells of more than 100 seconds"):
        parse_journal(summarized(long_run(1, 600)), "j")


def test_records_that_reach_their_end_late_count_in_their_second() -> None:
    journal = begun()
    second(journal, 0, acked=40, consumed=40)
    for number in range(1, 2 * COMPLETE_AFTER):
        second(journal, number)
    second(journal, 0, acked=40, consumed=40, indeterminate=60)
    first = parse_journal(journal.content, "j").seconds.of()[0]
    assert (first.acked, first.indeterminate) == (40, 60)


def test_phases_and_groups_have_the_order_in_which_they_came() -> None:
    journal = begun()
    second(journal, 0, "before", acked=0)
    for number in range(1, 2 * COMPLETE_AFTER):
        second(journal, number)
    found = parse_journal(journal.content, "j").seconds
    assert found.phases == ("before", "during")
    assert found.groups == (Exposure.LEADER,)
    assert found.of() == found.of(Exposure.LEADER)


def test_a_page_of_summarized_seconds_makes_no_row_of_any(monkeypatch: pytest.MonkeyPatch) -> None:
    content = summarized(long_run(1, 600))
    page = as_html(tell_story(parse_journal(content, "j")))

    def refused(columns: SecondColumns) -> Iterator[Second]:
        raise AssertionError("a row was made")

    monkeypatch.setattr(SecondColumns, "rows", refused)
    assert as_html(tell_story(parse_journal(content, "j"))) == page


def test_a_count_beyond_measure_in_a_histogram_is_refused() -> None:
    journal = begun()
    second(journal, 0)
    absurd = re.sub(rb'("ack":\{"[0-9]+":)[0-9]+', rb"\g<1>" + b"9" * 400, journal.content, count=1)
    with pytest.raises(UsageError, match="larger than any number that a run counts"):
        parse_journal(absurd, "j")


@pytest.mark.parametrize("bin_index", ["4097", '"', "1:1", "a", '1":-1e3,"2', '1":[{"2'])
def test_a_second_that_no_run_writes_is_refused(bin_index: str) -> None:
    journal = begun()
    second(journal, 0)
    (bucket,) = journal.buckets.values()
    first = f'"ack":{{"{next(iter(bucket.ack))}"'
    broken = journal.content.replace(first.encode(), f'"ack":{{"{bin_index}"'.encode())
    assert broken != journal.content
    with pytest.raises(UsageError, match="second of the probe cannot be read"):
        parse_journal(broken, "j")


def test_the_counts_of_a_second_are_all_counts() -> None:
    journal = begun()
    counts = {name: place + 100 for place, name in enumerate(Counts.model_fields)}
    second(journal, 0, "during", **counts)
    (told,) = parse_journal(journal.content, "j").seconds.of()
    (bucket,) = journal.buckets.values()
    assert counts_of(told) == counts_of(bucket)


@pytest.mark.parametrize("number", ["1e300", "1E9", "1.5e3", "1234567890", "NaN", "Infinity"])
def test_a_line_with_a_number_that_may_be_large_is_looked_through(number: str) -> None:
    assert not is_modest(f'{{"event":"notice","held_back":{number}}}'.encode())
    assert is_modest(b'{"event":"notice","held_back":12345678}')
    assert not is_modest(b"[" * 51)


def test_many_values_beside_each_other_are_not_deep() -> None:
    assert is_modest(b"[" + b'{"a":[1,{"[":"]"}]},' * 99 + b"[]]")
    assert is_modest(b"[" * 50 + b"]" * 50 + b"[]" * 60)
    assert not is_modest(b"[" * 51 + b"]" * 51)
    assert not is_modest(b'["]",' * 60 + b'"[",' * 60 + b"]" * 60)
    assert not is_modest(b'["\\"]",' * 60 + b'"[\\"",' * 60 + b"]" * 60)
