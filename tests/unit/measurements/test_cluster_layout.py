"""How a cluster is laid out, folded from a snapshot."""

from __future__ import annotations

from dataclasses import replace

from chaos_runner.measurements.cluster_layout import MOST_TOPICS, layout_of
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, Partition

BROKERS = {number: Broker("127.0.0.1", 9092 + number) for number in (1, 2, 3)}


def partition(topic: str, *replicas: int, leader: int | None = None) -> Partition:
    return Partition(topic, 0, replicas[0] if leader is None else leader, replicas, replicas)


def test_uneasy_are_topics_that_promise_less_than_it_seems() -> None:
    cluster = ClusterSnapshot(
        BROKERS,
        (
            partition("good", 1, 2, 3),
            partition("single", 1),
            partition("one-suffices", 1, 2, 3),
            partition("all-needed", 1, 2, 3),
            partition("unclean", 2, 1, 3),
            partition("unknown", 2, 1, 3, leader=-1),
        ),
        min_insync_replicas={
            "good": 2,
            "single": 1,
            "one-suffices": 1,
            "all-needed": 3,
            "unclean": 2,
        },
        unclean_election=frozenset({"unclean"}),
        partial="some are hidden",
    )
    layout = layout_of(cluster, {})
    assert [each.topic for each in layout.uneasy] == [
        "all-needed",
        "one-suffices",
        "single",
        "unclean",
    ]
    assert (layout.topics, layout.uneasy_count, layout.partial) == (6, 4, "some are hidden")
    assert layout.leaders == {"1": 4, "2": 1, "3": 0}


def test_a_journal_names_a_bounded_number_of_topics() -> None:
    many = tuple(partition(f"t{number:04}", 1) for number in range(3 * MOST_TOPICS))
    layout = layout_of(ClusterSnapshot(BROKERS, many), {})
    assert (len(layout.uneasy), layout.uneasy_count) == (MOST_TOPICS, 3 * MOST_TOPICS)


def test_racks_are_those_of_brokers_and_of_the_controllers_beside_them() -> None:
    brokers = {
        number: replace(broker, rack=rack)
        for (number, broker), rack in zip(BROKERS.items(), ("r1", "r1", "r2"), strict=True)
    }
    partitions = (
        partition("spread", 1, 2, 3),
        partition("together", 1, 2),
        partition("single", 1),
        partition("elsewhere", 1, 9),
    )
    cluster = ClusterSnapshot(brokers, partitions)
    voters = {"kafka-1": (1,), "kafka-3": (3,), "controller-9": ()}
    layout = layout_of(cluster, voters)
    assert layout.racks == {"1": "r1", "2": "r1", "3": "r2"}
    assert layout.voters == {"kafka-1": "r1", "kafka-3": "r2"}
    assert layout.in_one_rack == {"together": "r1"}
    without = layout_of(ClusterSnapshot(BROKERS, partitions), voters)
    assert (without.racks, without.voters, without.in_one_rack) == ({}, {}, {})
