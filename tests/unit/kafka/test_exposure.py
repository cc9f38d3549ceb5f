"""Which brokers are targets, and what that means to each partition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.cluster.exposure import (
    brokers_among,
    exposures,
    partitions_by_group,
    why_no_control,
)
from chaos_runner.kafka.cluster.placement import place
from chaos_runner.measurements.exposure import Exposure

BROKERS = {1: "kafka-1.example:9092", 2: "10.0.0.2:9092", 3: "[fd00::3]:9092"}


def test_a_target_is_found_by_name_by_address_and_by_what_a_name_resolves_to() -> None:
    addresses = {"kafka-1.example": {"10.0.0.1"}, "broker-two": {"10.0.0.2"}}
    for target, broker in (
        ("10.0.0.1", 1),
        ("KAFKA-1.example.", 1),
        ("broker-two", 2),
        ("fd00::3", 3),
    ):
        assert brokers_among([target], BROKERS, addresses) == {broker}


def test_a_name_that_nobody_can_resolve_is_no_broker() -> None:
    unresolved: dict[str, set[str]] = {"elsewhere": set(), "kafka-1.example": set()}
    assert brokers_among(["elsewhere", "10.0.0.9"], BROKERS, unresolved) == set()


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True), min_size=1),
    st.sets(st.integers(0, 9)),
)
def test_each_exposure_is_what_it_says(placement: list[list[int]], targets: set[int]) -> None:
    for replicas, exposure in zip(placement, exposures(placement, targets), strict=True):
        on_targets = [broker for broker in replicas if broker in targets]
        expected: Exposure
        if not targets:
            expected = Exposure.ALL
        elif replicas[0] in on_targets:
            expected = Exposure.LEADER
        elif on_targets:
            expected = Exposure.FOLLOWER
        else:
            expected = Exposure.NONE
        assert exposure == expected


@given(st.lists(st.sampled_from(Exposure), min_size=1))
def test_groups_hold_every_partition_once(exposed: list[Exposure]) -> None:
    groups = partitions_by_group(exposed)
    assert sorted(number for numbers in groups.values() for number in numbers) == list(
        range(len(exposed))
    )
    assert all(exposed[number] == group for group, numbers in groups.items() for number in numbers)


@pytest.mark.parametrize(
    ("brokers", "targets", "words"),
    [
        (3, {1}, "3 brokers with 3 replicas leave no control group"),
        (4, {3, 4}, "4 brokers, of which 2 are targets, with 3 replicas leave no control group"),
        (2, {1, 2}, "the time before the fault is the only comparison"),
        (4, {1}, ""),
        (3, set[int](), ""),
    ],
)
def test_a_missing_control_group_is_explained(brokers: int, targets: set[int], words: str) -> None:
    told = why_no_control(place(range(1, brokers + 1), targets), targets)
    assert words in told
    assert bool(told) == bool(words)
