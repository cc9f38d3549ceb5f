"""One series of seconds, kept by increments, from which every figure of a run is taken."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket, Counts
from chaos_runner.measurements.series import Series
from chaos_runner.measurements.totals import add_totals

GROUPS: list[Exposure] = [Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE]
REMEMBER = 120


def bucket(
    second: int,
    group: Exposure = Exposure.ALL,
    acked: int = 100,
    seen: int | None = None,
    phase: str = "during",
) -> Bucket:
    seen = acked if seen is None else seen
    return Bucket(
        second=second,
        elapsed=float(second),
        phase=phase,
        group=group,
        scheduled=100,
        acked=acked,
        consumed=seen,
        not_yet_consumed=acked - seen,
        ack={5: acked} if acked else {},
        end_to_end={second % 3: seen} if seen else {},
        ack_censored={9: 100 - acked} if acked < 100 else {},
    )


def test_an_outage_is_remembered_until_its_records_reach_an_end_and_no_longer() -> None:
    series = Series(remember=REMEMBER)
    for second in range(50):
        series.take(bucket(second, acked=0))
    for second in range(50, 1000):
        series.take(bucket(second))
    assert len(series) == 50 + REMEMBER + 1  # and the newest
    assert series.count("acked") == 950 * 100
    for second in range(50):
        series.take(bucket(second, seen=40))
    assert (series.count("acked"), series.count("not_yet_consumed")) == (1000 * 100, 50 * 60)
    for second in range(50):
        series.take(bucket(second))
    assert len(series) == REMEMBER + 1
    assert (series.count("consumed"), series.count("not_yet_consumed")) == (1000 * 100, 0)


def test_increments_add_up_to_what_the_last_tellings_say() -> None:
    chance = random.Random(14)
    series = Series(remember=REMEMBER)
    last: dict[tuple[int, Exposure], Bucket] = {}
    for newest in range(300):
        for second in {newest, *(chance.randrange(max(0, newest - 100), newest + 1) for _ in "ab")}:
            group = chance.choice(GROUPS)
            acked = chance.randrange(101)
            each = bucket(second, group, acked, chance.randrange(acked + 1))
            last[second, group] = each
            series.take(each)
    for name in Counts.model_fields:
        assert series.count(name) == sum(getattr(each, name) for each in last.values())
    assert series.totals("during") == add_totals(last.values())
    newest_but_one = sorted({second for second, _ in last})[-2]
    parts = {group: each for (second, group), each in last.items() if second == newest_but_one}
    newest_over = series.newest_over
    assert newest_over is not None
    assert {each.group: each for each in newest_over.parts} == parts


measured = st.lists(
    st.builds(
        bucket,
        st.integers(0, 20),
        st.sampled_from(GROUPS),
        st.integers(0, 100),
        st.just(0),
        st.sampled_from(["before", "inject", "during"]),
    )
)


@given(measured)
def test_a_series_is_what_the_newest_state_of_every_bucket_adds_up_to(said: list[Bucket]) -> None:
    """However often a bucket is measured anew, and in whatever order seconds come."""
    series = Series(said)
    newest = {(each.second, each.phase, each.group): each for each in said}
    for phase in series.phases:
        own = [each for each in newest.values() if each.phase == phase]
        assert series.totals(phase) == add_totals(own)
        for group in GROUPS:
            in_group = [each for each in own if each.group == group]
            assert series.has(phase, group) == bool(in_group)
            assert series.totals(phase, group) == add_totals(in_group)
    seconds = list(series)
    assert [second.number for second in seconds] == sorted({second for second, _, _ in newest})
    for second in seconds:
        own = [each for each in newest.values() if each.second == second.number]
        assert second.whole == add_totals(own)
        assert set(second.phases(None)) == {each.phase for each in own}


def test_the_seconds_of_a_while_are_found_without_looking_at_all() -> None:
    series = Series(bucket(second) for second in range(1000))
    assert [second.number for second in series.between(990.5, 995.0)] == [991, 992, 993, 994, 995]
    assert series.between(1000.0, 2000.0) == []
    assert series.end == 1000.0
    assert Series().end == 1.0


def test_a_second_of_any_number_costs_no_more_than_another() -> None:
    series = Series(map(bucket, (0, 1, 2**62)), remember=REMEMBER)
    assert [each.number for each in series] == [2**62]
    assert series.count("acked") == 300
