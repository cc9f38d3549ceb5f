from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.latency import bin_of, merge, milliseconds_of, percentile
from chaos_runner.kafka.measures import Histogram

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
