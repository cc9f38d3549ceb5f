"""Read the log once more with fresh eyes.

A client that was connected through the fault may be the one that is wrong. So nothing is
called lost before a new client, started after the fault, has read the log and agrees.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from confluent_kafka import Consumer, Message, TopicPartition

from chaos_runner.kafka.consuming.consumer import BATCH, Reading, Trouble, readings_of
from chaos_runner.kafka.consuming.log_bounds import Bounds, bounds_of

ASK_SECONDS = 2.0
_WAIT_SECONDS = 0.2
_PATIENCE_SECONDS = 1.0
"""Beyond the end that the broker tells, reading goes on for so long without a record."""


class InconclusiveSearchError(Exception):
    """Why the log could not be searched; internal to the drain."""


class SecondReader:
    """A reader of parts of the probe's topic through a client of its own."""

    def __init__(self, consumer: Consumer, topic: str) -> None:
        self._consumer = consumer
        self._topic = topic

    def bounds(self, partition: int, limit: float = ASK_SECONDS) -> Bounds | None:
        """Return a partition's bounds; None when nobody answers within `limit` seconds."""
        patience = max(0.1, min(limit, ASK_SECONDS))
        return bounds_of(self._consumer, self._topic, partition, patience)

    def read(
        self, partition: int, first: int, end: int, acked_end: int, deadline: float
    ) -> Iterator[Reading]:
        """Yield what stands in the log from `first` to its end.

        `end` is where the log ends as its leader says. No single source is trusted: reading
        goes on to `acked_end` for as long as records come. Raises InconclusiveSearchError when
        the deadline (`time.monotonic()`) passes, or the log cannot be read.
        """
        self._consumer.assign([TopicPartition(self._topic, partition, first)])
        position, newest = first, time.monotonic()
        while position < max(end, acked_end):
            now = time.monotonic()
            if position >= end and now - newest > _PATIENCE_SECONDS:
                return
            if now >= deadline:
                raise InconclusiveSearchError(f"it was read again only to offset {position}")
            for reading in readings_of(self._take(), time.monotonic_ns()):
                if isinstance(reading, Trouble):
                    if position >= end:
                        return
                    raise InconclusiveSearchError(f"it cannot be read again: {reading.text}")
                yield reading
                position, newest = reading.offsets[-1] + 1, time.monotonic()

    def _take(self) -> list[Message]:
        # Asking for a batch would wait until it is full: poll one, then take what is there.
        message = self._consumer.poll(_WAIT_SECONDS)
        return [] if message is None else [message, *self._consumer.consume(BATCH, 0)]
