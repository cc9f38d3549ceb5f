"""Learn at the start whether the user may do what the probe does, and name the right it lacks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from threading import Event

from confluent_kafka import KafkaError, KafkaException, Producer, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclOperation

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.client_config.client_settings import ClientSettings
from chaos_runner.kafka.cluster.connection import bad_property
from chaos_runner.kafka.common.notices import silent_logger

_STATISTICS_MILLISECONDS = "100"
_POLL_SECONDS = 0.1
_ASSIGNED = "Assigned"
"""The state of librdkafka's idempotent producer that has its producer id."""


def lacking(admin: AdminClient, topic: str, wanted: Collection[str], limit: float) -> list[str]:
    """Return which of the operations on a topic the user may not do; none where nobody tells."""
    asked = admin.describe_topics(
        TopicCollection([topic]), include_authorized_operations=True, request_timeout=limit
    )
    try:
        operations = asked[topic].result().authorized_operations
    except KafkaException:
        return []  # a broker that does not know it yet; the records will tell
    if operations is None:
        return []  # brokers before Kafka 2.3 do not tell
    allowed = {operation.name for operation in operations}
    if AclOperation.ALL.name in allowed:
        return []
    return [operation for operation in wanted if operation not in allowed]


def require_records_may_flow(admin: AdminClient, topic: str, limit: float) -> None:
    """Raise ProbeError when the user may not write to the topic, or not read from it."""
    missing = lacking(admin, topic, ("WRITE", "READ"), limit)
    if missing:
        names = " and ".join(each.title() for each in missing)
        raise ProbeError(
            f"the probe's user lacks {names} on the topic {topic}",
            f"allow it {names} there; docs/reference/kafka-clients.md lists all rights that the "
            "probe needs",
        )


def require_idempotence(
    settings: ClientSettings, limit: float, check: Callable[[], None] = lambda: None
) -> None:
    """Raise ProbeError when the broker grants no producer id, which idempotence needs.

    From Kafka 2.8 on Write on any topic suffices; before, and where it is denied, it takes
    IdempotentWrite on the cluster. Returns when there is an id, or nothing is known in time.
    """
    if not settings.idempotent:
        return
    granted, refused = Event(), list[KafkaError]()

    def on_statistics(text: str) -> None:
        if json.loads(text).get("eos", {}).get("idemp_state") == _ASSIGNED:
            granted.set()

    try:
        producer = Producer(
            {
                **settings.common,
                **settings.producer,
                "statistics.interval.ms": _STATISTICS_MILLISECONDS,
                "stats_cb": on_statistics,
                "error_cb": refused.append,
            },
            logger=silent_logger(),
        )
    except KafkaException as error:
        raise bad_property(error, settings) from error
    deadline = time.monotonic() + limit
    while not granted.is_set() and time.monotonic() < deadline:
        check()
        try:
            producer.poll(_POLL_SECONDS)
        except KafkaException as error:  # a fatal one is raised and not told
            refused.append(error.args[0])
        if any(error.code() in _NO_ID or error.fatal() for error in refused):
            raise ProbeError(
                "the probe's user may not use an idempotent producer: "
                f"{settings.hide_secrets(refused[-1].str())}",
                "allow it IdempotentWrite on the cluster (from Kafka 2.8 on Write on a topic is "
                'enough), or set `kafka: {properties: {enable.idempotence: "false"}}`',
            )


_NO_ID = {
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}
