"""Which brokers are targets, and what that means to each partition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.cluster.exposure import (
    Reach,
    brokers_among,
    partitions_by_group,
    reach_among,
    why_no_control,
)
from chaos_runner.kafka.cluster.placement import place
from chaos_runner.measurements.exposure import Exposure, FaultReach

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


def test_a_fault_reaches_the_brokers_on_its_machines_and_between_them() -> None:
    addresses = {"kafka-1.example": {"10.0.0.1"}}
    fault = FaultReach(
        fault="kabc_1", hit=[["10.0.0.1"]], between=[(["10.0.0.2"], ["fd00::3", "kafka-3"])]
    )
    assert reach_among([fault], BROKERS, addresses) == Reach(
        frozenset({1}), frozenset({frozenset({2, 3})})
    )
    elsewhere = FaultReach(fault="kabc_2", hit=[["app-1"]], between=[(["app-1"], ["10.0.0.2"])])
    assert reach_among([elsewhere], BROKERS, addresses) == Reach()


ids = st.integers(0, 9)
pairs = st.frozensets(st.frozensets(ids, min_size=2, max_size=2), max_size=6)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True), st.frozensets(ids), pairs)
def test_each_exposure_is_what_it_says(
    replicas: list[int], hit: frozenset[int], between: frozenset[frozenset[int]]
) -> None:
    expected: Exposure
    if not hit and not between:
        expected = Exposure.ALL
    elif replicas[-1] in hit:
        expected = Exposure.LEADER
    elif hit & set(replicas) or any(pair <= set(replicas) for pair in between):
        expected = Exposure.FOLLOWER
    else:
        expected = Exposure.NONE
    reach = Reach(hit, between)
    assert reach.exposure(replicas, replicas[-1]) == expected
    assert reach.touches([replicas]) == (expected in {Exposure.LEADER, Exposure.FOLLOWER})


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
        (3, {1}, "partitions replicated on a target and the time before the fault are the"),
        (4, {3, 4}, "4 brokers with 3 replicas leave no control group"),
        (2, {1, 2}, "the time before the fault is the only comparison"),
        (4, {1}, ""),
        (3, set[int](), ""),
    ],
)
def test_a_missing_control_group_is_explained(brokers: int, targets: set[int], words: str) -> None:
    placement, reach = place(range(1, brokers + 1), targets), Reach(frozenset(targets))
    told = why_no_control([reach.exposure(each, each[0]) for each in placement], placement)
    assert words in told
    assert bool(told) == bool(words)
