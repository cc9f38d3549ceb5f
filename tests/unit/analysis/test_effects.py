"""The control group takes out what hit everyone."""

from __future__ import annotations

from math import exp
from random import Random

import pytest

from chaos_runner.analysis.effects import Effect, effects_of
from chaos_runner.analysis.interval import change_of_mean
from chaos_runner.measurements.exposure import GROUPS, Exposure
from chaos_runner.measurements.model import Bucket
from chaos_runner.measurements.series import Series
from tests.unit.analysis.seconds import second

LED, REPLICATED, CONTROL = Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE


def stretch(
    group: Exposure, before: list[tuple[int, float]], during: list[tuple[int, float]]
) -> list[Bucket]:
    """Return seconds of two phases, each with its acks of a hundred and its latency."""
    told = [("before", each) for each in before] + [("during", each) for each in during]
    return [
        second(number, phase=phase, group=group, acked=acked, milliseconds=latency)
        for number, (phase, (acked, latency)) in enumerate(told)
    ]


def by_group(buckets: list[Bucket]) -> dict[str, Effect]:
    return {effect.group: effect for effect in effects_of(Series(buckets))}


def test_what_hit_everyone_is_taken_off() -> None:
    buckets = [
        *stretch(LED, [(100, 4.0)] * 10, [(52, 80.0)] * 30),
        *stretch(REPLICATED, [(100, 4.0)] * 10, [(90, 8.0)] * 30),
        *stretch(CONTROL, [(100, 4.0)] * 10, [(90, 8.0)] * 30),
    ]
    found = by_group(buckets)
    assert list(found) == [LED, REPLICATED, CONTROL]
    led, followed, control = (found[group].availability for group in GROUPS)
    assert led is not None
    assert followed is not None
    assert control is not None
    assert (led.change, led.low, led.high) == (-38, -38, -38)
    assert (followed.change, control.change) == (0, -10)
    assert [found[group].set_off for group in GROUPS] == [True, True, False]


def test_latency_is_compared_as_a_factor() -> None:
    buckets = [
        *stretch(LED, [(100, 4.0)] * 10, [(100, 80.0)] * 30),
        *stretch(CONTROL, [(100, 4.0)] * 10, [(100, 8.0)] * 30),
    ]
    latency = by_group(buckets)[LED].latency
    assert latency is not None
    assert exp(latency.change) == pytest.approx(10, rel=0.03)
    assert not by_group(buckets)[LED].latency_is_bound


def test_records_without_an_ack_slow_the_group_down_by_how_long_they_waited() -> None:
    buckets = [
        *stretch(LED, [(100, 4.0)] * 10, [(0, 4.0)] * 30),
        *stretch(CONTROL, [(100, 4.0)] * 10, [(100, 4.0)] * 30),
    ]
    effect = by_group(buckets)[LED]
    assert effect.latency is not None
    assert exp(effect.latency.change) == pytest.approx(1000, rel=0.03)
    assert effect.latency_is_bound


def test_what_both_groups_share_in_a_second_is_no_scatter() -> None:
    random = Random(3)
    shared = [random.randint(60, 100) for _ in range(40)]
    led = [acked - 30 if number >= 10 else acked for number, acked in enumerate(shared)]
    buckets = [
        *stretch(LED, [(n, 4.0) for n in led[:10]], [(n, 4.0) for n in led[10:]]),
        *stretch(CONTROL, [(n, 4.0) for n in shared[:10]], [(n, 4.0) for n in shared[10:]]),
    ]
    change = by_group(buckets)[LED].availability
    assert change is not None
    assert (change.change, change.low, change.high) == (-30, -30, -30)
    alone = change_of_mean(led[:10], led[10:])
    assert alone is not None
    assert alone.low is not None
    assert alone.low < -33


def test_without_a_control_group_a_group_is_compared_with_its_own_time_before() -> None:
    found = by_group(stretch(LED, [(100, 4.0)] * 10, [(62, 4.0)] * 30))
    assert list(found) == [LED]
    led = found[LED]
    assert not led.set_off
    assert led.availability is not None
    assert led.availability.change == -38


def test_buckets_without_groups_or_phases_tell_no_effect() -> None:
    assert effects_of(Series(second(number) for number in range(9))) == ()
    assert effects_of(Series(second(number, group=LED) for number in range(9))) == ()
