"""Librdkafka's own mock cluster, which comes with the client's wheel, driven through ctypes.

It listens on 127.0.0.1, keeps real logs, speaks the real protocol and misbehaves on demand, at
once and the same way each time. Librdkafka promises no stable ABI for it: a wheel without one
of the functions used here fails the tests that need it.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import POINTER, c_char_p, c_int, c_int16, c_int32, c_int64, c_size_t, c_void_p
from pathlib import Path

import confluent_kafka
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from chaos_runner.kafka.common.notices import silent_logger

PRODUCE = 0
"""The protocol's number of the Produce request."""
OFFSET_FETCH = 9
"""The protocol's number of the OffsetFetch request."""
INIT_PRODUCER_ID = 22
"""The protocol's number of the InitProducerId request."""

_ATTEMPTS = 20
_PRODUCER_TYPE = 0
_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "rd_kafka_conf_new": (c_void_p, []),
    "rd_kafka_conf_set": (c_int, [c_void_p, c_char_p, c_char_p, c_char_p, c_size_t]),
    "rd_kafka_new": (c_void_p, [c_int, c_void_p, c_char_p, c_size_t]),
    "rd_kafka_destroy": (None, [c_void_p]),
    "rd_kafka_handle_mock_cluster": (c_void_p, [c_void_p]),
    "rd_kafka_mock_cluster_bootstraps": (c_char_p, [c_void_p]),
    "rd_kafka_mock_topic_create": (c_int, [c_void_p, c_char_p, c_int, c_int]),
    "rd_kafka_mock_topic_delete": (c_int, [c_void_p, c_char_p]),
    "rd_kafka_mock_partition_set_leader": (c_int, [c_void_p, c_char_p, c_int32, c_int32]),
    "rd_kafka_mock_partition_delete_records": (c_int, [c_void_p, c_char_p, c_int32, c_int64]),
    "rd_kafka_mock_broker_set_down": (c_int, [c_void_p, c_int32]),
    "rd_kafka_mock_broker_set_up": (c_int, [c_void_p, c_int32]),
    "rd_kafka_mock_broker_set_rtt": (c_int, [c_void_p, c_int32, c_int]),
    "rd_kafka_mock_set_controller_id": (c_int, [c_void_p, c_int32]),
    # Variadic: pairs of error and milliseconds follow.
    "rd_kafka_mock_broker_push_request_error_rtts": (
        c_int,
        [c_void_p, c_int32, c_int16, c_size_t],
    ),
    "rd_kafka_mock_push_request_errors_array": (
        None,
        [c_void_p, c_int16, c_size_t, POINTER(c_int)],
    ),
}


def _library() -> ctypes.CDLL:
    package = Path(confluent_kafka.__file__).parent
    (file,) = package.parent.glob("confluent_kafka.libs/librdkafka-*.so*")
    library = ctypes.CDLL(str(file))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


class TopicExistsError(RuntimeError):
    """The refusal of a topic that is there already."""


class MockCluster:
    """A cluster of brokers 1, 2, … that lives in threads of this process."""

    def __init__(self, brokers: int = 3) -> None:
        self._library = _library()
        error = ctypes.create_string_buffer(200)
        conf = self._library.rd_kafka_conf_new()
        properties = {"test.mock.num.brokers": str(brokers), "log_level": "3"}
        for name, value in properties.items():
            self._library.rd_kafka_conf_set(conf, name.encode(), value.encode(), error, len(error))
        self._client = self._library.rd_kafka_new(_PRODUCER_TYPE, conf, error, len(error))
        if not self._client:
            raise RuntimeError(error.value.decode())
        self._cluster = self._library.rd_kafka_handle_mock_cluster(self._client)
        self.bootstrap = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def close(self) -> None:
        """End the brokers and their threads."""
        self._library.rd_kafka_destroy(self._client)

    def create_topic(self, topic: str, partitions: int, replicas: int = 3) -> None:
        """Create a topic with partition 0 led by broker 1, 1 by 2, and so on."""
        self._do("topic_create", topic.encode(), partitions, replicas)
        for partition in range(partitions):
            self.set_leader(topic, partition, partition + 1)

    def delete_topic(self, topic: str) -> None:
        """Delete a topic with all of its records."""
        self._do("topic_delete", topic.encode())

    def create_topic_anew(self, topic: str, partitions: int, replicas: int = 3) -> None:
        """Delete a topic with all of its records, and create it empty.

        A producer's metadata request between the two lets the cluster make the topic by itself,
        with a number of partitions of its own; that one is deleted too.
        """
        for _ in range(_ATTEMPTS):
            self.delete_topic(topic)
            try:
                return self.create_topic(topic, partitions, replicas)
            except TopicExistsError:
                continue
        raise RuntimeError(f"a client made {topic} again each of {_ATTEMPTS} times")

    def set_leader(self, topic: str, partition: int, broker: int) -> None:
        """Move a partition's leadership; broker -1 leaves it without."""
        self._do("partition_set_leader", topic.encode(), partition, broker)

    def set_controller(self, broker: int) -> None:
        """Name the broker that admin requests are sent to; without one they time out."""
        self._do("set_controller_id", broker)

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        """Remove the records below an offset, as retention does."""
        self._do("partition_delete_records", topic.encode(), partition, before)

    def set_down(self, broker: int) -> None:
        """Let a broker refuse connections and drop those it has."""
        self._do("broker_set_down", broker)

    def set_up(self, broker: int) -> None:
        """Let a broker serve again."""
        self._do("broker_set_up", broker)

    def set_round_trip(self, broker: int, milliseconds: int) -> None:
        """Answer every request of a broker so much later."""
        self._do("broker_set_rtt", broker, milliseconds)

    def answer_late(self, broker: int, request: int, error: int, milliseconds: int) -> None:
        """Answer the next request of a kind late; without an error (0) it is done at once."""
        self._do("broker_push_request_error_rtts", broker, request, 1, error, milliseconds)

    def fail_requests(self, request: int, errors: Sequence[int]) -> None:
        """Answer the next requests of a kind, on any broker, with these errors."""
        array = (c_int * len(errors))(*errors)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, request, len(errors), array
        )

    def await_topic(self, topic: str, limit: float = 10.0) -> None:
        """Wait until clients can see a topic and its leaders."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap}, logger=silent_logger())
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            try:
                partitions = admin.list_topics(topic, timeout=2).topics[topic].partitions
            except KafkaException:
                continue
            if partitions and all(about.leader > 0 for about in partitions.values()):
                return
        raise TimeoutError(f"topic {topic} was not seen within {limit} s")

    def _do(self, what: str, *arguments: object) -> None:
        error = getattr(self._library, f"rd_kafka_mock_{what}")(self._cluster, *arguments)
        if error == KafkaError.TOPIC_ALREADY_EXISTS:
            raise TopicExistsError(f"the mock cluster has it already: {what}{arguments}")
        if error:
            raise RuntimeError(f"the mock cluster refuses {what}{arguments}: error {error}")


@contextmanager
def running_cluster(brokers: int = 3) -> Iterator[MockCluster]:
    """Run a cluster with a controller while the block does."""
    cluster = MockCluster(brokers)
    try:
        cluster.set_controller(1)
        yield cluster
    finally:
        cluster.close()
