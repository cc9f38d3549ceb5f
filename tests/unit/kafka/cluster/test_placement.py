from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.cluster.exposure import Reach
from chaos_runner.kafka.cluster.placement import min_insync_replicas, place
from chaos_runner.measurements.exposure import Exposure

LED, REPLICATED, CONTROL = Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE

brokers = st.sets(st.integers(0, 1000), min_size=1, max_size=60)
fleets = brokers.flatmap(lambda ids: st.tuples(st.just(ids), st.sets(st.sampled_from(sorted(ids)))))


def exposures(placement: list[list[int]], targets: set[int]) -> list[Exposure]:
    reach = Reach(frozenset(targets))
    return [reach.exposure(replicas, replicas[0]) for replicas in placement]


@given(fleets)
def test_every_broker_leads_one_partition(fleet: tuple[set[int], set[int]]) -> None:
    ids, targets = fleet
    led = Counter(replicas[0] for replicas in place(ids, targets))
    assert led == dict.fromkeys(ids, 1)


@given(fleets)
def test_replicas_are_distinct_and_evenly_spread(fleet: tuple[set[int], set[int]]) -> None:
    ids, targets = fleet
    placement = place(ids, targets)
    expected = min(3, len(ids))
    assert all(len(set(replicas)) == len(replicas) == expected for replicas in placement)
    held = Counter(broker for replicas in placement for broker in replicas)
    assert len(set(held.values())) == 1


@given(fleets)
def test_each_group_exists_wherever_the_brokers_allow_it(fleet: tuple[set[int], set[int]]) -> None:
    ids, targets = fleet
    groups = Counter(exposures(place(ids, targets), targets))
    replicas = min(3, len(ids))
    spared = len(ids - targets)
    if not targets:
        assert set(groups) == {""}
        return
    assert groups[LED] == len(targets)
    assert groups[CONTROL] == max(0, spared - replicas + 1)
    assert groups[REPLICATED] == min(spared, replicas - 1)


def test_the_lab_of_four_brokers() -> None:
    assert place([4, 2, 1, 3]) == [[1, 2, 3], [2, 3, 4], [3, 4, 1], [4, 1, 2]]


def test_targets_far_apart_still_leave_a_control_group() -> None:
    placement = place(range(1, 7), {1, 4})
    assert [2, 3, 5] in placement
    assert Counter(exposures(placement, {1, 4})) == {
        LED: 2,
        REPLICATED: 2,
        CONTROL: 2,
    }


def test_one_replica_may_be_missing() -> None:
    assert [min_insync_replicas(replicas) for replicas in (1, 2, 3)] == [1, 1, 2]
