"""Who leads partitions, in which order their replicas stand, and how a leader is elected."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

from confluent_kafka import ElectionType, KafkaError, KafkaException, TopicPartition

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.kafka.admin_faults.configs import ANSWER_LIMIT
from chaos_runner.kafka.cluster.metadata import take_snapshot
from chaos_runner.measurements.cluster_fault import ReplicasBefore
from chaos_runner.measurements.cluster_snapshot import Partition

ELECTION_LIMIT = 90.0
"""Seconds; the client itself gives up after its `socket.timeout.ms`."""
CHANGE_LIMIT = 20.0
"""Seconds until every broker knows what the controller has decided."""
_LOOK_EVERY = 0.25
_HARMLESS = {KafkaError.ELECTION_NOT_NEEDED, KafkaError.PREFERRED_LEADER_NOT_AVAILABLE}
"""Answers to an election after which the leaders are looked at all the same."""

Wanted = TypeVar("Wanted")
Place = tuple[str, int]
"""A topic, and the number of a partition."""


def partitions_of(cluster: Cluster) -> dict[Place, Partition]:
    """Return every partition as the cluster tells it; raises ProbeError."""
    try:
        snapshot = take_snapshot(cluster.admin, ANSWER_LIMIT)
    except KafkaException as error:
        raise cluster.trouble("gave no metadata", error) from error
    return {(each.topic, each.number): each for each in snapshot.partitions}


def orders_of(cluster: Cluster, wanted: Collection[ReplicasBefore]) -> dict[Place, tuple[int, ...]]:
    """Return the order of the replicas of partitions; those that are gone are left out."""
    if not wanted:
        return {}
    known = partitions_of(cluster)
    places = ((each.topic, each.partition) for each in wanted)
    return {place: known[place].replicas for place in places if place in known}


def elect_preferred(cluster: Cluster, places: Iterable[Place]) -> None:
    """Have the first replica of each partition elected, where it is in sync; raises ProbeError."""
    wanted = [TopicPartition(*place) for place in places]
    try:
        # Without a limit of its own: confluent-kafka 2.16 fails on any option here.
        asked = cluster.admin.elect_leaders(ElectionType.PREFERRED, wanted)
        answers = asked.result(ELECTION_LIMIT)
    except KafkaException as error:
        raise cluster.trouble("elects no leaders", error) from error
    for answer in answers.values():
        if answer is not None and answer.args[0].code() not in _HARMLESS:
            raise cluster.trouble("elects no leaders", answer)


def await_orders(cluster: Cluster, wanted: Mapping[Place, tuple[int, ...]]) -> None:
    """Wait until the replicas stand so; raises ProbeError where they do not."""
    _await(cluster, wanted, lambda partition, order: partition.replicas == order)


def await_leaders(cluster: Cluster, wanted: Mapping[Place, int]) -> None:
    """Wait until these brokers lead, where they are in sync; raises ProbeError."""
    _await(
        cluster,
        wanted,
        lambda partition, leader: partition.leader == leader or leader not in partition.in_sync,
    )


def _await(
    cluster: Cluster, wanted: Mapping[Place, Wanted], holds: Callable[[Partition, Wanted], bool]
) -> None:
    deadline = time.monotonic() + CHANGE_LIMIT
    while True:
        known = partitions_of(cluster)
        late = [
            place
            for place, each in wanted.items()
            if place in known and not holds(known[place], each)
        ]
        if not late:
            return
        if time.monotonic() >= deadline:
            topic, number = late[0]
            raise ProbeError(
                f"{topic}-{number} is not as it is to be within {CHANGE_LIMIT:g} s: led by "
                f"{known[late[0]].leader}, with the replicas {known[late[0]].replicas}"
            )
        time.sleep(_LOOK_EVERY)
