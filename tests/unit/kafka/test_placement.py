from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.placement import least_in_sync, place, without_replica_on

brokers = st.sets(st.integers(0, 1000), min_size=1, max_size=60)


@given(brokers)
def test_every_broker_leads_one_partition(ids: set[int]) -> None:
    led = Counter(replicas[0] for replicas in place(ids))
    assert led == dict.fromkeys(ids, 1)


@given(brokers)
def test_replicas_are_distinct_and_evenly_spread(ids: set[int]) -> None:
    placement = place(ids)
    expected = min(3, len(ids))
    assert all(len(set(replicas)) == len(replicas) == expected for replicas in placement)
    held = Counter(broker for replicas in placement for broker in replicas)
    assert len(set(held.values())) == 1


@given(brokers)
def test_with_more_brokers_than_replicas_each_is_missing_somewhere(ids: set[int]) -> None:
    placement = place(ids)
    missing = {len(without_replica_on(placement, [broker])) for broker in ids}
    assert len(missing) == 1
    assert (missing == {0}) == (len(ids) <= 3)


def test_the_lab_of_four_brokers() -> None:
    placement = place([4, 2, 1, 3])
    assert placement == [[1, 2, 3], [2, 3, 4], [3, 4, 1], [4, 1, 2]]
    assert without_replica_on(placement, [4]) == [0]
    assert without_replica_on(placement, [3, 4]) == []


def test_one_replica_may_be_missing() -> None:
    assert [least_in_sync(replicas) for replicas in (1, 2, 3)] == [1, 1, 2]
