"""Look at partitions through a client that has nothing to do with sending and reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from queue import SimpleQueue

from confluent_kafka import Consumer, KafkaException
from confluent_kafka.admin._metadata import PartitionMetadata

from chaos_runner.kafka.cluster.placement import min_insync_replicas
from chaos_runner.kafka.consuming.log_bounds import bounds_of
from chaos_runner.kafka.stalls.stall import Look
from chaos_runner.threads.background import Background

_ASK_SECONDS = 2.0


class IndependentObserver:
    """Answers about partitions, from a thread of its own that begins with the first question."""

    def __init__(self, make: Callable[[], Consumer], topic: str) -> None:
        self._make = make
        self._topic = topic
        self._questions: SimpleQueue[frozenset[int] | None] = SimpleQueue()
        self._looks: SimpleQueue[Look] = SimpleQueue()
        self._thread = Background("probe-observer", self._look_on)
        self._busy = 0

    def ask(self, partitions: Iterable[int]) -> None:
        """Ask for a look at some partitions; returns at once, and drops it if one is under way."""
        asked = frozenset(partitions)
        if asked and not self._busy:
            self._busy = len(asked)
            self._questions.put(asked)
            if not self._thread.is_alive():
                self._thread.start()

    def take(self) -> list[Look]:
        """Return the looks since the last call; raise what the thread died of."""
        self._thread.check()
        looks = [self._looks.get() for _ in range(self._looks.qsize())]
        self._busy -= len(looks)
        return looks

    def stop(self) -> None:
        """Let the thread end after the question it is at."""
        self._questions.put(None)

    def _look_on(self) -> None:
        consumer = self._make()
        while (partitions := self._questions.get()) is not None:
            known = self._partitions(consumer)
            for partition in sorted(partitions):
                self._looks.put(self._look(consumer, partition, known.get(partition)))
        consumer.close()

    def _partitions(self, consumer: Consumer) -> dict[int, PartitionMetadata]:
        try:
            metadata = consumer.list_topics(self._topic, timeout=_ASK_SECONDS)
        except KafkaException:
            return {}
        return dict(metadata.topics[self._topic].partitions)

    def _look(self, consumer: Consumer, partition: int, known: PartitionMetadata | None) -> Look:
        if known is None or known.leader < 0:
            return Look(partition, -1, writable=False, end=None)
        writable = len(known.isrs) >= min_insync_replicas(len(known.replicas))
        bounds = bounds_of(consumer, self._topic, partition, _ASK_SECONDS)
        if bounds is None:
            return Look(partition, known.leader, writable, end=None)
        return Look(partition, known.leader, writable, bounds.end, bounds.low)
