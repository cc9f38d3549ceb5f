"""The blast radius agrees with a plain model of what a partition does."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.blast_radius.blast_radius import blast_radius
from chaos_runner.blast_radius.partition_impact import partition_impact
from chaos_runner.measurements.cluster_snapshot import (
    ClusterSnapshot,
    Partition,
)
from tests.unit.fleet_blast.clusters import (
    NAMES,
    brokers,
    cut_off,
    inventory,
    random_partitions,
)

GONE = st.sets(st.integers(1, 4), max_size=4)


LINKS = st.sets(st.sampled_from(list(combinations(range(1, 5), 2))))


def plain_impact(
    partition: Partition, gone: set[int], cuts: set[tuple[int, int]], least: int
) -> tuple[bool, bool, bool]:
    """Play Kafka step by step: elect, then let followers fall out, then count."""
    if partition.leader == -1:
        return (False, False, False)
    leader = partition.leader
    if leader in gone:
        leader = -1
        for replica in partition.replicas:
            if leader == -1 and replica in partition.in_sync and replica not in gone:
                leader = replica
    if leader == -1:
        return (True, False, True)
    in_sync = set(partition.in_sync)
    for follower in partition.in_sync:
        unreachable = (min(leader, follower), max(leader, follower)) in cuts
        if follower != leader and (follower in gone or unreachable):
            in_sync.remove(follower)
    needed = min(least, len(partition.replicas))
    refused_before = len(partition.in_sync) < needed
    refuses = len(in_sync) < needed
    return (leader != partition.leader, refuses and not refused_before, False)


@given(random_partitions(), GONE, LINKS, st.integers(1, 5))
def test_impacts_agree_with_a_plain_model(
    partitions: list[Partition], gone: set[int], cuts: set[tuple[int, int]], least: int
) -> None:
    def linked(one: int, other: int) -> bool:
        return (min(one, other), max(one, other)) not in cuts

    for partition in partitions:
        impact = partition_impact(partition, gone, linked, least)
        found = (impact.loses_leader, impact.falls_under_min_isr, impact.goes_offline)
        assert found == plain_impact(partition, gone, cuts, least)


@given(random_partitions(), GONE, st.dictionaries(st.sampled_from(["a", "b"]), st.integers(1, 4)))
def test_the_radius_adds_up_what_a_plain_model_says_of_each_partition(
    partitions: list[Partition], gone: set[int], least: dict[str, int]
) -> None:
    found = blast_radius(
        cut_off(*(f"kafka-{number}" for number in sorted(gone))),
        inventory(),
        ClusterSnapshot(brokers(), tuple(partitions), least, ()),
    )
    impacts = {
        partition: plain_impact(partition, gone, set(), least.get(partition.topic, 1))
        for partition in partitions
    }
    assert found.count("lose_leader") == sum(impact[0] for impact in impacts.values())
    assert found.count("under_min_isr") == sum(impact[1] for impact in impacts.values())
    assert found.count("offline") == sum(impact[2] for impact in impacts.values())
    harmed = {partition.topic for partition, impact in impacts.items() if impact[1] or impact[2]}
    assert set(found.harmed_topics) == harmed
    touched = [partition for partition in partitions if gone & set(partition.replicas)]
    assert found.count("on_targets") == len(touched)


@given(random_partitions(), st.lists(st.sampled_from(NAMES), unique=True))
def test_more_targets_never_hurt_less(partitions: list[Partition], targets: list[str]) -> None:
    cluster = ClusterSnapshot(brokers(), tuple(partitions), {"a": 2, "b": 3}, ())
    few = blast_radius(cut_off(*targets[:1]), inventory(), cluster)
    many = blast_radius(cut_off(*targets), inventory(), cluster)
    assert few.count("offline") <= many.count("offline")
    assert set(few.harmed_topics) <= set(many.harmed_topics)
