"""Read a group's records back in a thread of its own, and hand each on with its instant.

Each exposure group has a consumer of its own, for the same reason as it has its own producer.
Messages are handed on by the batch, and a batch shares one look at the clock.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from threading import Event
from types import NoneType
from typing import NamedTuple, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from chaos_runner.kafka.client_config.client_settings import ClientSettings
from chaos_runner.kafka.cluster.connection import bad_property
from chaos_runner.kafka.common.notices import Notices, silent_logger
from chaos_runner.threads.background import Background

BATCH = 500
"""More at once is slower: the batch no longer fits the caches."""

_MOST_BATCHES = 64
"""Batches that wait to be accounted for; beyond that, records wait in the client's own queue."""
_FEW = 10
"""Batches of up to so many messages are accounted for together, each with its own instant."""
_WAIT_SECONDS = 0.1
_AWAITED_NANOSECONDS = 1_000_000
"""A poll that takes so long has waited for a record."""
_FULL_SECONDS = 0.001
_OUT_OF_RANGE = {
    KafkaError._AUTO_OFFSET_RESET,
    KafkaError._LOG_TRUNCATION,
    KafkaError.OFFSET_OUT_OF_RANGE,
}
"""What a reader reports, and then stands still, whose `auto.offset.reset` is `error`."""


class Reading(NamedTuple):
    """Records of one partition that came back together; there is at least one."""

    partition: int
    offsets: tuple[int, ...]
    """In the order of the log."""
    values: tuple[bytes | None, ...]
    returned: int
    """When they came back, in nanoseconds of `time.monotonic_ns()`."""
    epoch: int
    """The leader's when they were written; -1 where the broker tells none."""
    arrivals: tuple[int, ...] = ()
    """When each came back, where they did not come all at once."""

    def singles(self) -> Iterator[Reading]:
        """Yield each record as a reading of its own."""
        for place, (offset, value) in enumerate(zip(self.offsets, self.values, strict=True)):
            returned = self.arrivals[place] if self.arrivals else self.returned
            yield self._replace(offsets=(offset,), values=(value,), returned=returned, arrivals=())


class Trouble(NamedTuple):
    """A partition cannot be read on; it is -1 when no one partition is meant."""

    partition: int
    text: str
    out_of_range: bool = False
    """The offset to read next is not in the log: it was cut off, or retention removed it."""


class _Batch(NamedTuple):
    messages: list[Message]
    returned: int


def consumer_client(
    settings: ClientSettings, notices: Notices, name: str = "reader", group: str = ""
) -> Consumer:
    """Return a consumer, of the probe's own group where none is named.

    Raises UsageError with librdkafka's words for a bad property.
    """
    properties: dict[str, object] = {**settings.common, **settings.consumer}
    if group:
        properties["group.id"] = group
    properties["client.id"] = f"{settings.common['client.id']}-{name}"
    properties["error_cb"] = notices.on_client_error(name)
    try:
        return Consumer(properties, logger=silent_logger())
    except KafkaException as error:
        raise bad_property(error, settings) from error


class Reader:
    """A reader of some partitions from given offsets on, without a consumer group.

    `make` makes the consumer, in the calling thread: what it raises is the caller's.
    """

    def __init__(
        self, make: Callable[[], Consumer], topic: str, positions: Mapping[int, int]
    ) -> None:
        self._consumer = make()
        self._ended = Event()
        self._batches: deque[_Batch] = deque()
        self._thread = Background("probe-reader", self._read_on)
        self._consumer.assign(
            [TopicPartition(topic, partition, offset) for partition, offset in positions.items()]
        )

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it does so, and closes its client, in its own time."""
        self._ended.set()

    def take(self) -> Iterator[Reading | Trouble]:
        """Yield what was read since the last call; raise what the thread died of."""
        self._thread.check()
        few: list[_Batch] = []
        while self._batches:
            batch = self._batches.popleft()
            if len(batch.messages) <= _FEW:
                few.append(batch)
                continue
            yield from _readings_of_few(few)
            few = []
            yield from readings_of(batch.messages, batch.returned)
        yield from _readings_of_few(few)

    def _read_on(self) -> None:
        while not self._ended.is_set():
            # Asking for a batch would wait until it is full: poll one, then take what is there.
            asked = time.monotonic_ns()
            message = self._consumer.poll(_WAIT_SECONDS)
            if message is not None:
                returned = time.monotonic_ns()
                # One that had to be awaited is mostly alone; if not, the next poll finds the rest.
                was_there = returned - asked < _AWAITED_NANOSECONDS
                rest = self._consumer.consume(BATCH, 0) if was_there else []
                # A deque needs no lock, which two busy threads would spend their time on.
                self._batches.append(_Batch([message, *rest], returned))
            while len(self._batches) >= _MOST_BATCHES and not self._ended.is_set():
                time.sleep(_FULL_SECONDS)
        self._consumer.close()


def _readings_of_few(batches: list[_Batch]) -> Iterator[Reading | Trouble]:
    """Yield what batches of few messages hold: of each partition what they brought together."""
    partitions: dict[int | None, tuple[list[Message], list[int]]] = {}
    for messages, returned in batches:
        for message in messages:
            found, arrivals = partitions.setdefault(message.partition(), ([], []))
            found.append(message)
            arrivals.append(returned)
    for messages, arrivals in partitions.values():
        yield from readings_of(messages, arrivals[-1], tuple(arrivals))


def readings_of(
    messages: list[Message], returned: int, arrivals: tuple[int, ...] = ()
) -> Iterator[Reading | Trouble]:
    """Yield what messages hold, and what is wrong with their partitions.

    `arrivals` tells of messages that are all of one partition when each came back.
    """
    for partition, group in groupby(messages, Message.partition):
        together = list(group)
        offsets = tuple(map(Message.offset, together))
        epochs = set(map(Message.leader_epoch, together))
        # An error cannot even be compared with None; its type can.
        is_whole = set(map(type, map(Message.error, together))) == {NoneType}
        if partition is not None and is_whole and None not in offsets and len(epochs) == 1:
            epoch = epochs.pop()
            yield Reading(
                partition,
                cast("tuple[int, ...]", offsets),
                tuple(map(Message.value, together)),
                returned,
                -1 if epoch is None else epoch,
                arrivals,
            )
        elif len(together) > 1:
            for place, message in enumerate(together):
                yield from readings_of([message], arrivals[place] if arrivals else returned)
        elif not _is_about_the_group(together[0].error()):
            yield _trouble(partition, together[0].error())


def _is_about_the_group(error: KafkaError | None) -> bool:
    """Tell whether it is only the group that may not be used.

    The probe assigns its partitions and commits nothing: it needs no right on a group.
    """
    return error is not None and error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED


def _trouble(partition: int | None, error: KafkaError | None) -> Trouble:
    where = -1 if partition is None else partition
    if error is None:
        return Trouble(where, "a record without a place")
    return Trouble(where, error.str(), out_of_range=error.code() in _OUT_OF_RANGE)
