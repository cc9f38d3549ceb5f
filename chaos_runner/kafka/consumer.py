"""Read the probe's records back in a thread of its own, and hand each on with its instant."""

from __future__ import annotations

import time
from queue import SimpleQueue
from threading import Event
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from chaos_runner.kafka.background import Background
from chaos_runner.kafka.client_settings import ClientSettings
from chaos_runner.kafka.cluster import bad_property
from chaos_runner.kafka.identity import Identity, Stranger, unpack
from chaos_runner.kafka.notices import Notices, silent_logger

BATCH = 500
"""More at once is slower: the batch no longer fits the caches."""

_WAIT_SECONDS = 0.1


class Reading(NamedTuple):
    """Hold one record as it came back; `returned` is `time.monotonic_ns()`."""

    partition: int
    offset: int
    identity: Identity | Stranger
    returned: int


class Trouble(NamedTuple):
    """Tell that a partition cannot be read on; it is -1 when no one partition is meant."""

    partition: int
    text: str


def consumer_client(settings: ClientSettings, notices: Notices, name: str = "reader") -> Consumer:
    """Return a consumer; raises UsageError with librdkafka's words for a bad property."""
    properties: dict[str, object] = {**settings.common, **settings.consumer}
    properties["client.id"] = f"{settings.common['client.id']}-{name}"
    properties["error_cb"] = notices.on_client_error(name)
    try:
        return Consumer(properties, logger=silent_logger())
    except KafkaException as error:
        raise bad_property(error, settings) from error


class Reader:
    """Read all partitions of a topic from the first offset on, without a consumer group."""

    def __init__(self, consumer: Consumer, topic: str, partitions: int, run: int) -> None:
        self._consumer = consumer
        self.partitions = partitions
        self._run = run
        self._ended = Event()
        self._read: SimpleQueue[Reading | Trouble] = SimpleQueue()
        self._thread = Background("probe-reader", self._read_on)
        consumer.assign([TopicPartition(topic, number, 0) for number in range(partitions)])

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it does within a tenth of a second."""
        self._ended.set()
        self._thread.join(2.0)

    def take(self) -> list[Reading | Trouble]:
        """Return what was read since the last call; raise what the thread died of."""
        self._thread.check()
        return [self._read.get() for _ in range(self._read.qsize())]

    def _read_on(self) -> None:
        while not self._ended.is_set():
            # Asking for a batch would wait until it is full: poll one, then take what is there.
            message = self._consumer.poll(_WAIT_SECONDS)
            if message is None:
                continue
            returned = time.monotonic_ns()
            self._put(message, returned)
            for another in self._consumer.consume(BATCH, 0):
                self._put(another, returned)

    def _put(self, message: Message, returned: int) -> None:
        partition, offset, error = message.partition(), message.offset(), message.error()
        partition = -1 if partition is None else partition
        if error is not None:
            self._read.put(Trouble(partition, error.str()))
        elif offset is not None:
            identity = unpack(message.value(), self._run)
            self._read.put(Reading(partition, offset, identity, returned))
