"""Give the partitions of some brokers other leaders."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase

from chaos_runner.errors import UsageError
from chaos_runner.kafka.admin_faults.action import Action, Look
from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.kafka.admin_faults.leaders import (
    await_orders,
    elect_preferred,
    partitions_of,
)
from chaos_runner.kafka.admin_faults.reassigning import Reassigner
from chaos_runner.measurements.cluster_fault import ClusterUndo, MoveLeaders, ReplicasBefore
from chaos_runner.measurements.cluster_snapshot import Partition
from chaos_runner.measurements.reading import Reading

_LOOK_EVERY = 0.25


class LeaderMoving(Action):
    """Leaders moved by the order of replicas, and an election."""

    def __init__(self, change: MoveLeaders, brokers: Sequence[int]) -> None:
        self._change = change
        self._brokers = brokers

    def prepare(self, cluster: Cluster, undo: ClusterUndo) -> ClusterUndo:
        """Return the undo with the orders as they are."""
        partitions = partitions_of(cluster).values()
        moves = tuple(moves_of(partitions, self._change.topics, self._brokers))
        if not moves:
            raise UsageError(
                f"the brokers {', '.join(map(str, self._brokers))} lead no partition of the topics "
                "that another broker, in sync, could lead",
                "name other topics or targets",
            )
        with Reassigner(cluster.settings) as reassigner:
            reassigner.refuse_reassigned({(each.topic, each.partition) for each in moves})
        return undo.model_copy(update={"replicas": moves})

    def apply(self, cluster: Cluster, undo: ClusterUndo) -> None:
        """Reorder, and elect."""
        orders = {(each.topic, each.partition): each.during for each in undo.replicas}
        with Reassigner(cluster.settings) as reassigner:
            reassigner.reorder(orders)
        await_orders(cluster, orders)
        elect_preferred(cluster, orders)

    def effect(self, cluster: Cluster, undo: ClusterUndo, limit: float) -> Look:
        """Return whether none of the partitions is led by a broker concerned."""
        deadline = time.monotonic() + limit
        while True:
            known = partitions_of(cluster)
            places = [(each.topic, each.partition) for each in undo.replicas]
            still = [place for place in places if place in known]
            led = [place for place in still if known[place].leader in self._brokers]
            if not led or time.monotonic() >= deadline:
                break
            time.sleep(_LOOK_EVERY)
        named = ", ".join(map(str, self._brokers))
        return not led, (
            Reading(
                name="partitions_led", value=len(led), before=len(still), of=f"brokers {named}"
            ),
        )


def moves_of(
    partitions: Collection[Partition], topics: Sequence[str], brokers: Collection[int]
) -> Iterator[ReplicasBefore]:
    """Yield the partitions that the brokers lead and others could, with the order for that. Pure.

    The leader to be is one that is in sync; partitions of a topic take turns, so that no single
    broker gets them all.
    """
    for partition in partitions:
        if partition.leader not in brokers:
            continue
        if not any(fnmatchcase(partition.topic, pattern) for pattern in topics):
            continue
        others = [each for each in partition.replicas if each not in brokers]
        able = [each for each in others if each in partition.in_sync]
        if not able:
            continue
        first = able[partition.number % len(able)]
        rest = [each for each in others if each != first]
        last = [each for each in partition.replicas if each in brokers]
        yield ReplicasBefore(
            topic=partition.topic,
            partition=partition.number,
            before=partition.replicas,
            during=(first, *rest, *last),
            leader=partition.leader,
        )
