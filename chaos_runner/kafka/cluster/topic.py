"""Make the probe's own topic, and take it away again."""

from __future__ import annotations

import time

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.cluster.connection import words_of
from chaos_runner.kafka.cluster.placement import min_insync_replicas

TOPIC_PREFIX = "chaos-runner-probe-"

_DAY_MILLISECONDS = 86_400_000
_DENIED = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED}
_PLACED_BY_THE_CLUSTER = {
    KafkaError.POLICY_VIOLATION,
    KafkaError.INVALID_CONFIG,
    # Confluent Server refuses explicit replicas where it has placement constraints by default.
    KafkaError.INVALID_REPLICA_ASSIGNMENT,
    KafkaError.INVALID_REQUEST,
}
_OTHERWISE = (
    "else name a prefix that is allowed (`probe: {topic_prefix: team-a.}`), or a topic that was "
    "made beforehand, with a partition for each broker (`probe: {topic: team-a.probe}`)"
)


def topic_of(run: str, prefix: str = "") -> str:
    """Return the name of a run's probe topic."""
    return f"{prefix or TOPIC_PREFIX}{run}"


def create_topic(
    admin: AdminClient,
    topic: str,
    placement: list[list[int]],
    limit: float,
    *,
    only_validate: bool = False,
) -> None:
    """Create a topic with these replicas and wait until every partition has a leader.

    Records are kept for a day whatever the cluster's defaults are: a reader must never lose
    one to retention. With `only_validate` the cluster says what it would do, and does nothing.
    Raises ProbeError.
    """
    deadline = time.monotonic() + limit
    wanted = NewTopic(
        topic,
        num_partitions=len(placement),
        replica_assignment=placement,
        config={
            "cleanup.policy": "delete",
            "retention.ms": str(_DAY_MILLISECONDS),
            "retention.bytes": "-1",
            "min.insync.replicas": str(min_insync_replicas(len(placement[0]))),
        },
    )
    futures = admin.create_topics([wanted], request_timeout=limit, validate_only=only_validate)
    try:
        futures[topic].result()
    except KafkaException as error:
        raise _not_created(topic, error) from error
    if not only_validate:
        _await_leaders(admin, topic, deadline)


def require_deletion(admin: AdminClient, broker: int, limit: float) -> None:
    """Raise ProbeError where the cluster deletes no topics, as far as the user may know."""
    resource = ConfigResource(ResourceType.BROKER, str(broker))
    try:
        entries = admin.describe_configs([resource], request_timeout=limit)[resource].result()
    except KafkaException:
        return  # not allowed to look
    entry = entries.get("delete.topic.enable")
    if entry is not None and entry.value == "false":
        raise ProbeError(
            "the cluster deletes no topics (delete.topic.enable=false), so each run would leave "
            "one behind",
            "name a topic that was made beforehand, with a partition for each broker: "
            "`probe: {topic: team-a.probe}`",
        )


def delete_topic(admin: AdminClient, topic: str, limit: float) -> str:
    """Delete a topic within `limit` seconds; return why it could not be, or nothing."""
    try:
        admin.delete_topics([topic], request_timeout=limit)[topic].result()
    except KafkaException as error:
        return words_of(error)
    return ""


def _await_leaders(admin: AdminClient, topic: str, deadline: float) -> None:
    while True:
        try:
            partitions = admin.list_topics(topic, timeout=5).topics[topic].partitions
        except KafkaException:
            partitions = {}
        leaders = [about.leader for about in partitions.values()]
        if leaders and -1 not in leaders:
            return
        if time.monotonic() >= deadline:
            raise ProbeError(
                f"topic {topic} was made, but not all of its partitions have a leader",
                "check that all brokers of the cluster are healthy",
            )
        time.sleep(0.05)


def _not_created(topic: str, error: KafkaException) -> ProbeError:
    code = error.args[0].code()
    if code in _DENIED:
        hint = (
            "the probe's user needs Create, Describe, Write, Read and Delete on topics with its "
            f"prefix; {_OTHERWISE}"
        )
    elif code in _PLACED_BY_THE_CLUSTER:
        hint = (
            "a create-topic policy, or placement constraints of the cluster, forbid what the "
            f"probe asks for (replicas on named brokers, kept for a day); {_OTHERWISE}"
        )
    elif code == KafkaError.TOPIC_ALREADY_EXISTS:
        hint = "another probe of the same run left it; delete it, or start a new run"
    else:
        hint = "check that the cluster has an active controller and all its brokers"
    return ProbeError(f"the cluster refuses to make topic {topic}: {words_of(error)}", hint)
