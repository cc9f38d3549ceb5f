"""Take a fault of a cluster back, and read back that all is as it was before."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import KafkaException

from chaos_runner.errors import ProbeError, UsageError
from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.kafka.admin_faults.configs import await_values, own_values, set_values
from chaos_runner.kafka.admin_faults.leaders import (
    await_leaders,
    await_orders,
    elect_preferred,
    orders_of,
)
from chaos_runner.kafka.admin_faults.powering import is_silent, switch_on
from chaos_runner.kafka.admin_faults.reassigning import Reassigner
from chaos_runner.kafka.admin_faults.restoring import Restoring, place_of, restoring
from chaos_runner.measurements.cluster_fault import ClusterUndo, ReplicasBefore


def differing(cluster: Cluster, undo: ClusterUndo) -> Restoring:
    """Return what of a fault is still there, and what somebody else has changed."""
    if undo.power:
        off = tuple(f"{each.host} is off" for each in undo.power if is_silent(each))
        return Restoring(differences=off)
    _require_same(cluster, undo)
    try:
        return _left(cluster, undo)
    except KafkaException as error:
        raise cluster.trouble("does not tell its configuration", error) from error


def take_back(cluster: Cluster, undo: ClusterUndo) -> tuple[str, ...]:
    """Restore what still has the fault's values; return what is not as before, by others' doing.

    Returns when the brokers themselves report the values of before. Raises ProbeError where that
    could not be done or seen: then it is to be tried again.
    """
    if undo.power:  # a cluster whose machines are off cannot be asked
        switch_on(undo.power)
        return ()
    _require_same(cluster, undo)
    try:
        left = _left(cluster, undo)
        wanted = {place_of(entry): entry.before for entry in left.configs}
        set_values(cluster.admin, wanted)
        late = await_values(cluster.admin, wanted)
        if late:
            raise ProbeError(f"brokers do not report yet what was restored: {sorted(late)[0]}")
        _restore_leaders(cluster, left.replicas)
        return _left(cluster, undo).differences
    except KafkaException as error:
        raise cluster.trouble("does not take the fault back", error) from error


def _left(cluster: Cluster, undo: ClusterUndo) -> Restoring:
    values = own_values(cluster.admin, map(place_of, undo.configs))
    return restoring(undo.configs, undo.replicas, values, *orders_of(cluster, undo.replicas))


def _restore_leaders(cluster: Cluster, moved: Sequence[ReplicasBefore]) -> None:
    """Give partitions their leaders and then the order of their replicas as before.

    One whose leader of before is not in sync is led by another until Kafka elects it again; its
    order is as before all the same.
    """
    if not moved:
        return
    with Reassigner(cluster.settings) as reassigner:
        reassigner.reorder({(each.topic, each.partition): each.returning for each in moved})
        await_orders(cluster, {(each.topic, each.partition): each.returning for each in moved})
        elect_preferred(cluster, [(each.topic, each.partition) for each in moved])
        await_leaders(cluster, {(each.topic, each.partition): each.leader for each in moved})
        rest = [each for each in moved if each.returning != each.before]
        reassigner.reorder({(each.topic, each.partition): each.before for each in rest})
    await_orders(cluster, {(each.topic, each.partition): each.before for each in moved})


def _require_same(cluster: Cluster, undo: ClusterUndo) -> None:
    identity = cluster.identity()
    if identity != undo.cluster:
        raise UsageError(
            f"the servers lead to the cluster {identity}, and the fault is on {undo.cluster}",
            "name the bootstrap servers of that cluster",
        )
