"""The seconds of the probe are read by their bytes, and tell what each of them told last."""

from __future__ import annotations

import json

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.journal.plausible import is_modest
from chaos_runner.journal.reader import parse_journal
from chaos_runner.journal.seconds import SETTLED
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Counts
from chaos_runner.measurements.totals import counts_of
from tests.unit.report.journal_writer import JournalWriter


def second(journal: JournalWriter, number: int, phase: str = "during", **counts: int) -> None:
    told = {"scheduled": 100, **counts}
    journal.group_second(Exposure.LEADER, number, phase, float(number), 4.0, told)


def begun() -> JournalWriter:
    journal = JournalWriter()
    journal.start([])
    return journal


def respelled(journal: JournalWriter) -> bytes:
    """Return a journal of the same events, written as no run writes: with spaces."""
    return b"".join(json.dumps(json.loads(line)).encode() + b"\n" for line in journal.lines)


def test_what_was_told_last_counts_however_it_is_written() -> None:
    journal = begun()
    for number in range(3 * SETTLED):
        second(journal, number, acked=100, consumed=90, not_yet_consumed=10)
        if number:
            second(journal, number - 1, acked=100, consumed=100)
    by_bytes = parse_journal(journal.content, "j")
    by_values = parse_journal(respelled(journal), "j")
    assert by_bytes.seconds.of() == by_values.seconds.of()
    assert by_bytes.seconds.totals("during") == by_values.seconds.totals("during")
    assert by_bytes.stopped == by_values.stopped == 3 * SETTLED - 1 + 1.2
    assert [each.consumed for each in by_bytes.seconds.of()] == [100] * (3 * SETTLED - 1) + [90]
    assert by_bytes.seconds.totals("during").acked == 100 * 3 * SETTLED


def test_records_that_reach_their_end_late_count_in_their_second() -> None:
    journal = begun()
    second(journal, 0, acked=40, consumed=40)
    for number in range(1, 2 * SETTLED):
        second(journal, number)
    second(journal, 0, acked=40, consumed=40, indeterminate=60)
    first = parse_journal(journal.content, "j").seconds.of()[0]
    assert (first.acked, first.indeterminate) == (40, 60)


def test_phases_and_groups_have_the_order_in_which_they_came() -> None:
    journal = begun()
    second(journal, 0, "before", acked=0)
    for number in range(1, 2 * SETTLED):
        second(journal, number)
    seconds = parse_journal(journal.content, "j").seconds
    assert seconds.phases == ("before", "during")
    assert seconds.groups == (Exposure.LEADER,)
    assert seconds.of() == seconds.of(Exposure.LEADER)


@pytest.mark.parametrize("bin_index", ["4097", '"', "1:1"])
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
