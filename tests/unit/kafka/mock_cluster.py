"""librdkafka's mock cluster, driven through ctypes: real sockets on loopback, no Kafka.

The wheel of confluent-kafka exports it. It is experimental and limited: replicas are always in
sync, and it knows neither CreateTopics nor DescribeConfigs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import confluent_kafka

_PRODUCER = 0


class MockCluster:
    """Change a running cluster of brokers 1 to n."""

    def __init__(self, library: ctypes.CDLL, cluster: ctypes.c_void_p) -> None:
        self._library = library
        self._cluster = cluster

    @property
    def bootstrap_servers(self) -> str:
        return str(self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode())

    def create_topic(self, topic: str, partitions: int, replicas: int) -> None:
        self._call("rd_kafka_mock_topic_create", topic.encode(), partitions, replicas)

    def set_leader(self, topic: str, partition: int, broker: int) -> None:
        self._call("rd_kafka_mock_partition_set_leader", topic.encode(), partition, broker)

    def set_controller(self, broker: int) -> None:
        self._call("rd_kafka_mock_set_controller_id", broker)

    def take_down(self, broker: int) -> None:
        self._call("rd_kafka_mock_broker_set_down", broker)

    def bring_up(self, broker: int) -> None:
        self._call("rd_kafka_mock_broker_set_up", broker)

    def _call(self, function: str, *arguments: object) -> None:
        assert getattr(self._library, function)(self._cluster, *arguments) == 0, function


@contextmanager
def mock_cluster(brokers: int) -> Iterator[MockCluster]:
    """Run a cluster while the block does."""
    library = _library()
    error = ctypes.create_string_buffer(512)
    settings = ctypes.c_void_p(library.rd_kafka_conf_new())
    client = ctypes.c_void_p(library.rd_kafka_new(_PRODUCER, settings, error, len(error)))
    assert client, error.value.decode()
    cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(client, brokers))
    try:
        running = MockCluster(library, cluster)
        running.set_controller(1)
        yield running
    finally:
        library.rd_kafka_mock_cluster_destroy(cluster)
        library.rd_kafka_destroy(client)


def _library() -> ctypes.CDLL:
    beside = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
    (file,) = beside.glob("librdkafka*.so*")
    library = ctypes.CDLL(str(file))
    for function in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, function).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    return library
