from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.measurements.histogram import (
    add_waits,
    bin_of,
    censored_percentile,
    merge,
    milliseconds_of,
    percentile,
)
from chaos_runner.measurements.model import Histogram

milliseconds = st.floats(min_value=0, max_value=600_000)


def histogram_of(latencies: list[float]) -> Histogram:
    return merge({bin_of(latency): 1} for latency in latencies)


@given(milliseconds)
def test_a_bin_is_never_wrong_by_more_than_one_part_in_64(latency: float) -> None:
    assert milliseconds_of(bin_of(latency)) == pytest.approx(latency, rel=1 / 64, abs=0.01)


@given(st.lists(milliseconds, min_size=2, max_size=2))
def test_bins_keep_the_order_of_latencies(pair: list[float]) -> None:
    smaller, larger = sorted(pair)
    assert bin_of(smaller) <= bin_of(larger)


@given(st.integers(min_value=0, max_value=2000))
def test_every_bin_is_reached_and_left_at_its_middle(bin_index: int) -> None:
    assert bin_of(milliseconds_of(bin_index)) == bin_index


@given(st.lists(st.integers(-2_000, 100_000), min_size=1), st.integers(0, 100))
def test_waits_up_to_one_instant_fall_into_the_bins_of_their_lengths(
    units: list[int], rest: int
) -> None:
    now = 10**12 + rest
    histogram = {3: 5}
    add_waits(histogram, [now - rest - 10_000 * each for each in units], now)
    # A unit is a hundredth of a millisecond; half of one keeps clear of rounding.
    bins = [bin_of((each + 0.5) / 100) if each >= 0 else 0 for each in units]
    assert histogram == merge([{3: 5}, *({each: 1} for each in bins)])


@given(st.lists(milliseconds, min_size=1), st.sampled_from([0, 1, 50, 90, 99, 99.9, 100]))
def test_percentile_is_that_of_the_sorted_latencies(latencies: list[float], percent: float) -> None:
    ordered = sorted(latencies)
    enough = [
        value for rank, value in enumerate(ordered, 1) if rank >= len(ordered) * percent / 100
    ]
    result = percentile(histogram_of(latencies), percent)
    assert result == pytest.approx(enough[0], rel=1 / 64, abs=0.01)


@given(st.lists(milliseconds), st.lists(milliseconds))
def test_merging_is_the_same_as_recording_together(one: list[float], other: list[float]) -> None:
    assert merge([histogram_of(one), histogram_of(other)]) == histogram_of(one + other)


def test_nothing_recorded_has_no_percentile() -> None:
    assert percentile({}, 99) is None


@pytest.mark.parametrize("percent", [0.5, 0.99, -1, 101])
def test_a_fraction_in_place_of_a_percentage_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile({1: 1}, percent)


@given(
    st.lists(st.tuples(milliseconds, milliseconds), min_size=1), st.sampled_from([1, 50, 99, 100])
)
def test_a_censored_percentile_is_never_above_the_true_one_and_exact_where_it_says_so(
    records: list[tuple[float, float]], percent: float
) -> None:
    """A record is a true latency and the time for which it was watched."""
    measured = histogram_of([latency for latency, watched in records if latency <= watched])
    censored = histogram_of([watched for latency, watched in records if latency > watched])
    truth = percentile(histogram_of([latency for latency, _ in records]), percent)
    found = censored_percentile(measured, censored, percent)
    assert found is not None
    assert truth is not None
    value, beyond = found
    assert value <= truth
    assert beyond or value == truth


@given(st.lists(milliseconds, min_size=1), st.sampled_from([1, 50, 99, 100]))
def test_without_censored_records_it_is_the_percentile(
    latencies: list[float], percent: float
) -> None:
    histogram = histogram_of(latencies)
    assert censored_percentile(histogram, {}, percent) == (percentile(histogram, percent), False)


def test_an_outage_is_told_by_how_long_its_records_have_waited() -> None:
    measured, waiting = {bin_of(4): 980}, {bin_of(30_000): 20}
    assert censored_percentile(measured, waiting, 50) == (milliseconds_of(bin_of(4)), False)
    assert censored_percentile(measured, waiting, 99) == (milliseconds_of(bin_of(30_000)), True)
    assert censored_percentile({}, waiting, 50) == (milliseconds_of(bin_of(30_000)), True)
    assert censored_percentile({}, {}, 50) is None
