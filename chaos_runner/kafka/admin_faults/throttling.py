"""Throttle the replication of brokers, by the configuration of brokers and topics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from confluent_kafka import KafkaException

from chaos_runner.errors import UsageError
from chaos_runner.kafka.admin_faults.action import Action, Look
from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.kafka.admin_faults.configs import (
    ANSWER_LIMIT,
    await_values,
    own_values,
    set_values,
)
from chaos_runner.kafka.admin_faults.restoring import Place, place_of
from chaos_runner.kafka.cluster.metadata import take_snapshot
from chaos_runner.measurements.cluster_fault import ClusterUndo, ConfigBefore, ThrottleReplication
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.measurements.reading import Reading

SIDES = ("leader", "follower")


class Throttling(Action):
    """Replication throttled by configuration."""

    def __init__(self, change: ThrottleReplication, brokers: Sequence[int]) -> None:
        self._change = change
        self._brokers = brokers

    def prepare(self, cluster: Cluster, undo: ClusterUndo) -> ClusterUndo:
        """Return the undo with the configurations as they are."""
        configs = throttles(cluster, self._change, self._brokers)
        return undo.model_copy(update={"configs": configs})

    def apply(self, cluster: Cluster, undo: ClusterUndo) -> None:
        """Set the rates, then the throttled replicas: without a rate nothing is throttled."""
        try:
            set_values(cluster.admin, {place_of(each): each.during for each in undo.configs})
        except KafkaException as error:
            raise cluster.trouble("does not take the throttle", error) from error

    def effect(self, cluster: Cluster, undo: ClusterUndo, limit: float) -> Look:
        """Return whether every broker concerned reports the rate, and the topics the replicas."""
        wanted = {place_of(each): each.during for each in undo.configs}
        try:
            differing = await_values(cluster.admin, dict(wanted), limit)
        except KafkaException as error:
            raise cluster.trouble("does not tell its configuration", error) from error
        if differing:
            return False, tuple(_differing(*each) for each in differing.items())
        topics = {each.name for each in undo.configs if each.resource == "topic"}
        brokers = f"brokers {', '.join(map(str, self._brokers))}"
        return True, (
            Reading(name="replication_rate", value=self._change.rate, unit="B/s", of=brokers),
            Reading(name="topics_throttled", value=len(topics), of=brokers),
        )


def _differing(place: Place, reported: str | None) -> Reading:
    setting = Reading(name="setting", of=" ".join(place))
    if reported is None:
        return setting.model_copy(update={"state": "missing"})
    if reported.isdecimal():
        return setting.model_copy(update={"value": float(reported)})
    return setting.model_copy(update={"state": "another"})


def throttles(
    cluster: Cluster, change: ThrottleReplication, brokers: Sequence[int]
) -> tuple[ConfigBefore, ...]:
    """Return what is to be set, with what is set now. It only reads.

    Raises UsageError where a throttle is there already, or nothing is to be throttled.
    """
    try:
        snapshot = take_snapshot(cluster.admin, ANSWER_LIMIT)
        wanted = list(entries(snapshot, change, brokers))
        values = own_values(cluster.admin, map(place_of, wanted))
    except KafkaException as error:
        raise cluster.trouble("does not tell its configuration", error) from error
    found = [
        entry.model_copy(update={"before": values[place_of(entry)]})
        for entry in wanted
        if place_of(entry) in values
    ]
    taken = [entry for entry in found if entry.before is not None]
    if taken:
        raise UsageError(
            f"a replication throttle is set already ({taken[0]} is `{taken[0].before}`)",
            "let the reassignment that it is for end, or remove what it left: "
            "kafka-reassign-partitions.sh --verify",
        )
    if not any(entry.resource == "topic" for entry in found):
        raise UsageError(
            "no topic that is named has a replica on a broker concerned, so the throttle would do "
            "nothing",
            "name other topics or targets",
        )
    return tuple(found)


def entries(
    snapshot: ClusterSnapshot, change: ThrottleReplication, brokers: Sequence[int]
) -> Iterator[ConfigBefore]:
    """Yield the rates of each broker and the throttled replicas of each topic. Pure."""
    for broker in brokers:
        for side in SIDES:
            yield _entry("broker", str(broker), f"{side}.replication.throttled.rate", change.rate)
    replicas: dict[str, list[str]] = {}
    for partition in snapshot.partitions:
        if any(fnmatchcase(partition.topic, pattern) for pattern in change.topics):
            for broker in sorted(set(partition.replicas) & set(brokers)):
                replicas.setdefault(partition.topic, []).append(f"{partition.number}:{broker}")
    for topic, listed in replicas.items():
        for side in SIDES:
            yield _entry("topic", topic, f"{side}.replication.throttled.replicas", ",".join(listed))


def _entry(resource: str, name: str, key: str, value: object) -> ConfigBefore:
    return ConfigBefore.model_validate(
        {"resource": resource, "name": name, "key": key, "before": None, "during": str(value)}
    )
