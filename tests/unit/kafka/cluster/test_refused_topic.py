"""What is said where a cluster does not make the topic that the probe asks for."""

from __future__ import annotations

from concurrent.futures import Future
from typing import cast

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.cluster.topic import create_topic

CONFLUENT = "Both replicaAssignment and confluent.placement.constraints are set."
"""As Confluent Server says it where its default constraints place replicas of every new topic."""


class RefusingAdmin:
    """A client whose cluster refuses every topic, as no broker of Apache Kafka's can be made to."""

    def __init__(self, code: int, words: str) -> None:
        self._error = KafkaError(code, words)

    def create_topics(self, topics: list[object], **_: object) -> dict[str, Future[None]]:
        """Refuse each."""
        future: Future[None] = Future()
        future.set_exception(KafkaException(self._error))
        return {"probe": future} if topics else {}


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (KafkaError.INVALID_REPLICA_ASSIGNMENT, "placement constraints of the cluster"),
        (KafkaError.INVALID_REQUEST, "placement constraints of the cluster"),
        (KafkaError.INVALID_CONFIG, "placement constraints of the cluster"),
        (KafkaError.POLICY_VIOLATION, "a create-topic policy"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, "needs Create, Describe, Write"),
    ],
)
def test_who_places_replicas_itself_is_named_with_the_way_out(code: int, hint: str) -> None:
    admin = cast(AdminClient, RefusingAdmin(code, CONFLUENT))
    with pytest.raises(ProbeError) as refused:
        create_topic(admin, "probe", [[1, 2, 3], [2, 3, 1]], 10.0)
    assert CONFLUENT in refused.value.message
    assert hint in refused.value.hint
    assert "`probe: {topic: team-a.probe}`" in refused.value.hint
