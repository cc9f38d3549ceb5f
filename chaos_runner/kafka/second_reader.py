"""Look for records that the first reader passed without seeing, with fresh eyes.

A client that was connected through the fault may be the one that is wrong. So nothing is
called lost before a new client, started after the fault, has read the log and agrees.
"""

from __future__ import annotations

import time
from collections.abc import Set

from confluent_kafka import Consumer, KafkaException, TopicPartition

from chaos_runner.kafka.consumer import BATCH
from chaos_runner.kafka.identity import Identity, unpack

_ASK_SECONDS = 2.0
_WAIT_SECONDS = 0.2


class InconclusiveSearchError(Exception):
    """Tell why the log could not be searched; internal to the drain."""


class SecondReader:
    """Read parts of the probe's topic once more through a client of its own."""

    def __init__(self, consumer: Consumer, topic: str, run: int) -> None:
        self._consumer = consumer
        self._topic = topic
        self._run = run

    def bounds(self, partition: int) -> tuple[int, int] | None:
        """Return a partition's first offset and its end offset; None when nobody answers."""
        where = TopicPartition(self._topic, partition)
        try:
            return self._consumer.get_watermark_offsets(where, timeout=_ASK_SECONDS, cached=False)
        except KafkaException:
            return None

    def find(self, partition: int, first: int, wanted: Set[int], deadline: float) -> set[int]:
        """Return which of the wanted sequence numbers stand in the log from `first` on.

        Reads to the end of the partition, whatever it finds. Raises InconclusiveSearchError
        when it cannot, or when the log no longer goes back to `first`.
        """
        bounds = self.bounds(partition)
        if bounds is None:
            raise InconclusiveSearchError(f"partition {partition} could not be read again")
        low, end = bounds
        if low > max(0, first):
            raise InconclusiveSearchError(f"partition {partition} was trimmed by retention")
        found: set[int] = set()
        position = max(0, first)
        self._consumer.assign([TopicPartition(self._topic, partition, position)])
        while position < end:
            if time.monotonic() >= deadline:
                raise InconclusiveSearchError(f"partition {partition} was read again only in part")
            position = self._read_some(position, found)
        return found & wanted

    def _read_some(self, position: int, found: set[int]) -> int:
        for message in self._consumer.consume(BATCH, _WAIT_SECONDS):
            error, offset = message.error(), message.offset()
            if error is not None or offset is None:
                raise InconclusiveSearchError(f"the log cannot be read again: {error}")
            identity = unpack(message.value(), self._run)
            if isinstance(identity, Identity):
                found.add(identity.sequence)
            position = offset + 1
        return position
