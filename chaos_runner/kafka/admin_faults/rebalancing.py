"""A member that joins a consumer group and leaves it, again and again."""

from __future__ import annotations

import time
from contextlib import suppress

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    ConsumerGroupType,
    KafkaError,
    KafkaException,
    TopicPartition,
)

from chaos_runner.errors import ChaosRunnerError, ProbeError, UsageError
from chaos_runner.kafka.admin_faults.action import Action, Look
from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.kafka.admin_faults.configs import ANSWER_LIMIT
from chaos_runner.kafka.admin_faults.protocol.messages import SESSION_SECONDS
from chaos_runner.kafka.cluster.connection import bad_property, words_of
from chaos_runner.kafka.common.notices import silent_logger
from chaos_runner.measurements.cluster_fault import ClusterUndo, RebalanceGroup
from chaos_runner.measurements.reading import Reading, said
from chaos_runner.shown import shown_line

JOIN_LIMIT = 90.0
"""Seconds until it is in: a rebalance waits for each member to come back."""
_POLL_SECONDS = 0.1
_TURNED_AWAY = {
    KafkaError.INCONSISTENT_GROUP_PROTOCOL,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_MAX_SIZE_REACHED,
    KafkaError.INVALID_SESSION_TIMEOUT,
}
"""Answers to a joining that do not pass by themselves."""
_WITHOUT_MEMBERS = {ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD}


class Rebalancing(Action):
    """One member at a time, which reads nothing and commits nothing."""

    effect_limit = JOIN_LIMIT
    pause = 0.2

    def __init__(self, change: RebalanceGroup) -> None:
        self._change = change
        self._is_classic = True
        self._member: Consumer | None = None
        self._next = 0.0
        self._joined = 0
        self._joined_at = 0.0
        self._shares: list[int] = []
        self._is_in = False
        self._error = ""

    def prepare(self, cluster: Cluster, undo: ClusterUndo) -> ClusterUndo:
        """See that the group has members and its topics are there."""
        change = self._change
        try:
            listed = cluster.admin.list_consumer_groups(request_timeout=ANSWER_LIMIT).result()
            known = set(cluster.admin.list_topics(timeout=ANSWER_LIMIT).topics)
        except KafkaException as error:
            raise cluster.trouble("does not list its groups", error) from error
        groups = {each.group_id: each for each in listed.valid or []}
        group = groups.get(change.group)
        if group is None or group.state in _WITHOUT_MEMBERS:
            raise UsageError(
                f"the consumer group {change.group} has no members that could rebalance",
                "start its consumers first; `kafka-consumer-groups.sh --list` shows the groups",
            )
        missing = sorted(set(change.topics) - known)
        if missing:
            raise UsageError(f"the topic {missing[0]} is not there", "name the group's topics")
        self._is_classic = group.type is not ConsumerGroupType.CONSUMER
        return undo.model_copy(update={"group": change.group})

    def apply(self, cluster: Cluster, undo: ClusterUndo) -> None:
        """Begin to join."""
        self._join(cluster)

    def effect(self, cluster: Cluster, undo: ClusterUndo, limit: float) -> Look:
        """Return whether it has been given a share of the partitions, and how often."""
        deadline = time.monotonic() + limit
        while not (self._joined or self._error) and time.monotonic() < deadline:
            self.go_on(cluster)
        group = self._change.group
        if self._error:
            return False, (Reading(name="member", state="turned_away", of=group), said(self._error))
        if not self._joined:
            return False, (Reading(name="partitions_given", value=0, of=group),)
        idle = time.monotonic() - self._joined_at
        if idle > self._change.every + JOIN_LIMIT:
            return False, (Reading(name="not_rebalanced_for", value=idle, unit="s", of=group),)
        return True, (
            Reading(name="joined", value=self._joined, of=group),
            Reading(name="partitions_given", value=self._shares[-1], of=group),
        )

    def go_on(self, cluster: Cluster) -> None:
        """Leave when it has its share; join again when it is time to."""
        if self._is_in:
            self.stop()
        elif self._member is not None:
            message = self._member.poll(_POLL_SECONDS)
            error = message.error() if message is not None else None
            if error is not None and (error.fatal() or error.code() in _TURNED_AWAY):
                self._error = cluster.settings.hide_secrets(shown_line(error.str()))
        elif time.monotonic() >= self._next:
            try:
                self._join(cluster)
            except ChaosRunnerError as error:
                self._error = error.message

    def stop(self) -> None:
        """Leave the group."""
        if self._member is not None:
            self._member.close()
            self._member, self._is_in = None, False

    def _join(self, cluster: Cluster) -> None:
        self._next = time.monotonic() + self._change.every
        own = {"partition.assignment.strategy": self._change.assignor}
        session = {"session.timeout.ms": SESSION_SECONDS * 1000}
        try:
            self._member = Consumer(
                {
                    **cluster.settings.common,
                    "client.id": "chaos-runner-rebalance",
                    "group.id": self._change.group,
                    "group.protocol": "classic" if self._is_classic else "consumer",
                    **({**own, **session} if self._is_classic else {}),
                    "enable.auto.commit": False,
                    "enable.auto.offset.store": False,
                },
                logger=silent_logger(),
            )
        except KafkaException as error:
            raise bad_property(error, cluster.settings) from error
        try:
            self._member.subscribe(list(self._change.topics), on_assign=self._paused)
        except KafkaException as error:
            raise ProbeError(f"no group can be joined: {words_of(error)}") from error

    def _paused(self, member: Consumer, share: list[TopicPartition]) -> None:
        """Take a share, and fetch nothing of it."""
        is_incremental = not self._is_classic or self._change.assignor == "cooperative-sticky"
        (member.incremental_assign if is_incremental else member.assign)(share)
        with suppress(KafkaException):  # one that it does not own any more needs no pause
            member.pause(share)
        self._joined += 1
        self._joined_at = time.monotonic()
        self._shares.append(len(share))
        self._is_in = True
