"""Find out whether the cluster has an active controller.

The controller id in a metadata answer says nothing: KRaft brokers put a random live broker
there (`getRandomAliveBrokerId` in Kafka's KafkaApis). A topic that is only to be validated goes
through to the active controller and back, and leaves nothing behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chaos_runner.kafka.cluster.topic import topic_of
from chaos_runner.measurements.model import ControllerHealth
from chaos_runner.shown import shown_line

ASK_EVERY = 2.0
_LONGEST_REASON = 300
"""Characters; it is told with each answer of the cluster."""
ANSWER_LIMIT = 3.0
"""A fail-over of the controller takes about two seconds: a second to elect, a second to load."""

_WITHOUT_CONTROLLER = {
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError.NOT_CONTROLLER,
    KafkaError.BROKER_NOT_AVAILABLE,
    KafkaError.NETWORK_EXCEPTION,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
}


class ControllerWatch:
    """The newest answer about the active controller. `ask` belongs into a thread of its own."""

    def __init__(self, admin: AdminClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._admin = admin
        self._clock = clock
        self._asked = 0.0
        self._newest: ControllerHealth | None = None

    def ask(self) -> None:
        """Do one round trip, three seconds at most."""
        asked = self._clock()
        error = self._round_trip()
        if error is not None and error.code() == KafkaError._UNSUPPORTED_FEATURE:
            return  # brokers too old to be asked: nothing is known
        active = error is None or came_from_controller(error)
        self._newest = ControllerHealth(
            active=active,
            age=0.0,
            milliseconds=round(1000 * (self._clock() - asked), 1),
            reason="" if active or error is None else shown_line(error.str())[:_LONGEST_REASON],
        )
        self._asked = asked

    def health(self) -> ControllerHealth | None:
        """Return the newest answer with its age; None before the first."""
        newest, age = self._newest, self._clock() - self._asked
        return newest and newest.model_copy(update={"age": round(age, 1)})

    def _round_trip(self) -> KafkaError | None:
        topic = NewTopic(topic_of("controller-check"), num_partitions=1, replication_factor=1)
        answers = self._admin.create_topics(
            [topic],
            operation_timeout=ANSWER_LIMIT,
            request_timeout=ANSWER_LIMIT,
            validate_only=True,
        )
        try:
            answers[topic.topic].result()
        except KafkaException as error:
            reason: KafkaError = error.args[0]
            return reason
        return None


def came_from_controller(error: KafkaError) -> bool:
    """Tell whether an error is an answer: a refusal of the controller's proves it is there.

    Negative codes are librdkafka's own, such as a timeout or a broken connection.
    """
    return error.code() > 0 and error.code() not in _WITHOUT_CONTROLLER
