"""The longest outage since the fault."""

from __future__ import annotations

from chaos_runner.analysis.outages import longest_outage
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Outage
from tests.unit.analysis.seconds import START, moments
from tests.unit.told import ToldTime, told_time

MOMENTS = moments(10, 40, 42, end=60)


def gap(partition: int, start: float, end: float | None) -> Outage:
    return Outage(
        partition=partition, start=START + start, end=None if end is None else START + end
    )


def test_the_longest_since_the_fault_is_named() -> None:
    gaps = [gap(0, 11, 14.25), gap(1, 12, 21.31), gap(2, 0, 9)]
    assert told_time(longest_outage(gaps, MOMENTS)) == ToldTime(9.3, "partition 1")


def test_one_that_had_not_ended_lasted_at_least_to_the_last_record() -> None:
    found = longest_outage([gap(0, 11, 30), gap(3, 35, None)], MOMENTS)
    assert (found.seconds, found.censored) == (25, True)
    assert told_time(found).note.startswith("partition 3, still without an ack")


def test_none_and_not_measured_are_told_apart() -> None:
    none = ToldTime(0, "no partition was without an ack for 1 s")
    assert told_time(longest_outage([], MOMENTS)) == none
    missing = ToldTime(None, "the probe gave no account of outages")
    assert told_time(longest_outage(None, MOMENTS)) == missing


def test_a_longer_one_before_the_fault_hides_what_came_after() -> None:
    found = longest_outage([gap(0, 11, 14), gap(2, 0, 9.5)], MOMENTS)
    assert (found.seconds, found.censored) == (3, True)
    assert told_time(found).note.startswith("partition 2 had a longer one before the fault")


def test_each_group_has_its_own() -> None:
    gaps = [gap(0, 11, 14), gap(1, 12, 21)]
    gaps[0] = gaps[0].model_copy(update={"group": Exposure.NONE})
    assert told_time(longest_outage(gaps, MOMENTS, Exposure.NONE)) == ToldTime(3, "partition 0")
    assert longest_outage(gaps, MOMENTS, Exposure.LEADER).seconds == 0
