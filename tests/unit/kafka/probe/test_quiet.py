from __future__ import annotations

import pytest

from chaos_runner.kafka.ledger.buckets import Buckets, Slot
from chaos_runner.kafka.probe.stability import why_not_quiet
from chaos_runner.measurements.histogram import add, bin_of
from chaos_runner.measurements.model import Health

HEALTHY = Health(elapsed=0.0, brokers=4, under_replicated=0, offline=0, not_preferred=0)


def buckets_of(latencies: list[float], spike: float | None = None) -> Buckets:
    """Return a hundred records a second with these latencies; one in twenty takes `spike`."""
    buckets = Buckets(start=0.0)
    for second, latency in enumerate(latencies):
        tally = buckets.schedule(Slot(second, "warm-up"))
        for number in range(100):
            slow = spike is not None and number % 20 == 0
            milliseconds = spike if spike is not None and slow else latency
            add(tally.end_to_end, {bin_of(milliseconds): 1})
        tally.scheduled = tally.acked = tally.consumed = 100
    return buckets


def verdict(latencies: list[float], spike: float | None = None) -> str:
    return why_not_quiet(buckets_of(latencies, spike), HEALTHY, len(latencies))


def test_a_fast_cluster_is_quiet_after_four_seconds() -> None:
    assert verdict([5, 5, 5]) == "the probe has only just begun"
    assert verdict([900, 5, 5, 5]) == ""


def test_a_slow_cluster_that_stays_as_slow_is_quiet() -> None:
    assert verdict([300, 310, 290, 305, 300, 295]) == ""


def test_a_cluster_that_gets_faster_is_not_quiet_yet() -> None:
    assert verdict([6000, 3000, 2000, 900, 400, 200]).startswith("latency is still falling")


def test_a_cluster_that_gets_slower_is_as_quiet_as_it_will_be() -> None:
    assert verdict([100, 100, 100, 140, 140, 140]) == ""


def test_the_very_first_second_is_never_enough_to_go_by() -> None:
    assert verdict([3000, 100, 100, 100]).startswith("latency is still falling")


def test_a_steady_cluster_may_have_outliers() -> None:
    assert verdict([30] * 9, spike=2000) == ""


@pytest.mark.parametrize(("field", "value"), [("acked", 97), ("not_yet_consumed", 3)])
def test_records_may_be_under_way_for_three_seconds_but_no_longer(field: str, value: int) -> None:
    for second, reason in [(7, ""), (5, ""), (4, "3 records are under way for more than 3 s")]:
        buckets = buckets_of([5] * 8)
        setattr(buckets.at(Slot(second, "warm-up")), field, value)
        assert why_not_quiet(buckets, HEALTHY, 8) == reason


def test_a_newest_second_that_is_under_way_is_left_out_of_the_comparison() -> None:
    buckets = buckets_of([100, 100, 100, 100, 100, 100, 1])
    buckets.at(Slot(6, "warm-up")).acked = 1
    assert why_not_quiet(buckets, HEALTHY, 7) == ""


def test_records_of_unknown_impact_are_not_quiet() -> None:
    buckets = buckets_of([5] * 8)
    tally = buckets.at(Slot(6, "warm-up"))
    tally.acked, tally.indeterminate = 99, 1
    assert why_not_quiet(buckets, HEALTHY, 8) == "1 of the last 300 records are not acked"


def test_suspects_are_not_waited_for() -> None:
    buckets = buckets_of([5] * 8)
    buckets.at(Slot(1, "warm-up")).not_yet_consumed = 3
    assert why_not_quiet(buckets, HEALTHY, 8).startswith("3 records are under way")
    assert why_not_quiet(buckets, HEALTHY, 8, suspects=3) == ""


@pytest.mark.parametrize(
    ("health", "reason"),
    [
        (None, "does not answer"),
        (HEALTHY.model_copy(update={"answered": False}), "does not answer"),
        (HEALTHY.model_copy(update={"under_replicated": 7}), "7 partitions are under-replicated"),
        (HEALTHY.model_copy(update={"offline": 1}), "1 offline"),
    ],
)
def test_an_unhealthy_cluster_is_not_quiet(health: Health | None, reason: str) -> None:
    assert reason in why_not_quiet(buckets_of([5] * 8), health, 8)
