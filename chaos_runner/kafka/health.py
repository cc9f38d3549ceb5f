"""Ask the cluster each second how it is, by one metadata request and without JMX.

The answer is one broker's view. A broker that is cut off from the controller answers with
what it last knew; what the probe's own records tell stands beside it for that reason.
"""

from __future__ import annotations

import time
from queue import SimpleQueue
from threading import Event

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import ClusterMetadata, PartitionMetadata

from chaos_runner.kafka.background import Background
from chaos_runner.kafka.measures import Health

POLL_SECONDS = 1.0
ANSWER_LIMIT = 2.0


def health_of(metadata: ClusterMetadata, topic: str, elapsed: float) -> Health:
    """Return the health that a metadata answer shows, over the partitions of all topics."""
    partitions = [about for each in metadata.topics.values() for about in each.partitions.values()]
    own = metadata.topics[topic].partitions if topic in metadata.topics else {}
    return Health(
        elapsed=elapsed,
        brokers=len(metadata.brokers),
        under_replicated=sum(map(_under_replicated, partitions)),
        offline=sum(about.leader < 0 for about in partitions),
        not_preferred=sum(map(_not_preferred, partitions)),
        leaders={str(number): about.leader for number, about in sorted(own.items())},
    )


def _under_replicated(partition: PartitionMetadata) -> bool:
    return bool(set(partition.replicas) - set(partition.isrs))


def _not_preferred(partition: PartitionMetadata) -> bool:
    return bool(partition.replicas) and 0 <= partition.leader != partition.replicas[0]


class HealthPoll:
    """Poll the health in a thread of its own."""

    def __init__(self, admin: AdminClient, topic: str) -> None:
        self._admin = admin
        self._topic = topic
        self._ended = Event()
        self._answers: SimpleQueue[Health] = SimpleQueue()
        self._last = Health(
            elapsed=time.monotonic(), brokers=0, under_replicated=0, offline=0, not_preferred=0
        )
        self._thread = Background("probe-health", self._poll_on)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; a running request still takes its time."""
        self._ended.set()

    def take(self) -> list[Health]:
        """Return the answers since the last call; raise what the thread died of."""
        self._thread.check()
        return [self._answers.get() for _ in range(self._answers.qsize())]

    def _poll_on(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            self._last = self._ask(began)
            self._answers.put(self._last)
            self._admin.poll(0)
            self._ended.wait(max(0.0, began + POLL_SECONDS - time.monotonic()))

    def _ask(self, began: float) -> Health:
        try:
            return health_of(self._admin.list_topics(timeout=ANSWER_LIMIT), self._topic, began)
        except KafkaException:
            return self._last.model_copy(update={"elapsed": began, "answered": False})
