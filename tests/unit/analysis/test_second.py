"""The figures of a second, made in the fast way, are those that one gets record by record."""

from __future__ import annotations

from math import ceil, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from chaos_runner.analysis.effects import Samples
from chaos_runner.analysis.latency import PERCENTILES, Latency, latency_of
from chaos_runner.analysis.run_seconds import RunSeconds, SecondTable
from chaos_runner.analysis.second import Second, second_of
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.histogram import BINS, milliseconds_of, percentiles
from chaos_runner.measurements.model import Bucket, Histogram
from chaos_runner.measurements.totals import add_totals, counts_of

histograms = st.dictionaries(
    st.integers(0, BINS - 1) | st.integers(200, 240), st.integers(0, 40), max_size=30
)

_TABLE = TypeAdapter(SecondTable)


@st.composite
def buckets(draw: st.DrawFn) -> Bucket:
    """Return a bucket in which some records may not have arrived, as in an outage."""
    ack, end_to_end = draw(histograms), draw(histograms)
    acked, consumed = sum(ack.values()), sum(end_to_end.values())
    missing = draw(st.integers(0, 5))
    return Bucket(
        second=7,
        elapsed=draw(st.sampled_from([7.0, 7.5])),
        phase=draw(st.sampled_from(["before", "during"])),
        group=draw(st.sampled_from(Exposure)),
        scheduled=max(acked, consumed) + missing,
        acked=acked,
        consumed=consumed,
        indeterminate=draw(st.integers(0, missing)),
        not_yet_consumed=max(0, acked - consumed),
        ack=ack,
        end_to_end=end_to_end,
        ack_censored={draw(st.integers(0, 400)): missing} if missing else {},
    )


def record_by_record(histogram: Histogram, percent: float) -> float | None:
    """Return the nearest rank among the latencies of all records, one by one."""
    records = sorted(bin_index for bin_index, count in histogram.items() for _ in range(count))
    if not records:
        return None
    return milliseconds_of(records[max(1, ceil(len(records) * percent / 100)) - 1])


@given(histograms.filter(lambda each: sum(each.values()) > 0))
def test_percentiles_are_those_of_the_records_one_by_one(histogram: Histogram) -> None:
    percents = [0, *PERCENTILES.values(), 1, 33]
    assert percentiles(histogram, percents) == [
        record_by_record(histogram, percent) for percent in percents
    ]


@given(st.lists(buckets(), min_size=1, max_size=4), st.booleans())
def test_a_second_is_what_the_sum_of_its_parts_is(parts: list[Bucket], final: bool) -> None:
    whole = add_totals(parts)
    second = second_of(parts, 7.0, final=final)
    assert counts_of(second) == counts_of(whole)
    assert second.ack == latency_of("ack", whole, final=final)
    assert second.end_to_end == latency_of("end_to_end", whole, final=final)
    if whole.scheduled == whole.acked:
        p50, p99, most = (record_by_record(whole.ack, each) for each in PERCENTILES.values())
        assert second.ack == Latency(p50, p99, most) or not whole.acked


@given(
    st.lists(buckets(), min_size=1, max_size=12, unique_by=lambda each: (each.phase, each.group))
)
def test_a_run_is_what_its_seconds_are(parts: list[Bucket]) -> None:
    run = RunSeconds()
    run.add(parts, final=True)
    assert [*run.of()] == [second_of(parts, min(part.elapsed for part in parts), final=True)]
    for part in parts:
        assert run.totals(part.phase, part.group) == add_totals([part])


@st.composite
def runs(draw: st.DrawFn) -> list[Bucket]:
    """Return buckets of a few seconds, in any order of time."""
    numbers = draw(st.lists(st.integers(0, 20), max_size=6, unique=True))
    return [
        draw(buckets()).model_copy(update={"second": number, "elapsed": float(number)})
        for number in numbers
    ]


@given(runs())
def test_seconds_that_come_in_any_order_stand_in_order_of_time(parts: list[Bucket]) -> None:
    run, again = RunSeconds(), RunSeconds()
    for part in parts:
        run.add([part], final=True)
        one = RunSeconds()
        one.add([part], final=True)
        again.add_summarized(one.summarized())
    in_order = sorted(parts, key=lambda part: part.second)
    rows = [second_of([part], part.elapsed, final=True) for part in in_order]
    assert [*run.of()] == [*again.of()] == rows
    assert run.end == again.end == (rows[-1].elapsed if rows else 0.0) + 1.0


@given(runs())
def test_a_table_is_a_sequence_of_seconds_and_reads_as_it_is_written(parts: list[Bucket]) -> None:
    run = RunSeconds()
    for part in parts:
        run.add([part], final=True)
    table, rows = run.of(), [*run.of()]
    assert [table[place] for place in range(-len(rows), len(rows))] == rows + rows
    assert [*table[1:4:2]] == rows[1:4:2]
    with pytest.raises(IndexError):
        table[len(rows)]
    written = _TABLE.dump_json(table)
    assert written == TypeAdapter(list[Second]).dump_json(rows)
    assert _TABLE.validate_json(written) == table
    assert _TABLE.validate_python(table) is table


@given(buckets())
def test_a_mean_latency_is_that_of_the_records_one_by_one(part: Bucket) -> None:
    own = part.model_copy(update={"group": Exposure.NONE, "phase": "before"})
    later = own.model_copy(update={"phase": "during", "ack": {0: 1}, "ack_censored": {}})
    samples = Samples()
    samples.take(own)
    samples.take(later.model_copy(update={"scheduled": 1, "acked": 1}))
    waits = [
        log(milliseconds_of(bin_index))
        for histogram in (own.ack, own.ack_censored)
        for bin_index, count in histogram.items()
        for _ in range(count)
    ]
    if waits:
        (effect,) = samples.effects()
        mean = sum(waits) / len(waits)
        assert effect.latency is not None
        assert isclose(effect.latency.change, log(milliseconds_of(0)) - mean, abs_tol=1e-6)
