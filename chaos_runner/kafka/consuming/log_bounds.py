"""Where a partition's log begins and ends, and what of it is to be read again."""

from __future__ import annotations

import time
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

REREAD = 100_000
"""Offsets that are read again where a reader failed: the log behind it may be another now."""

_LEAST = 0.05
"""Seconds of a question, and between two."""


class Bounds(NamedTuple):
    """A partition's first offset and its end offset, as its leader tells them."""

    low: int
    end: int


def bounds_of(consumer: Consumer, topic: str, partition: int, limit: float) -> Bounds | None:
    """Return a partition's bounds; None when nobody answers within `limit` seconds."""
    where = TopicPartition(topic, partition)
    deadline = time.monotonic() + limit
    while True:
        left = max(_LEAST, deadline - time.monotonic())
        try:
            told = consumer.get_watermark_offsets(where, timeout=left, cached=False)
        except KafkaException as error:
            # The client throws a connection away, as it does with that of a bootstrap server once
            # it knows whose it is, and what had just been asked over it with it.
            if error.args[0].code() == KafkaError._DESTROY_BROKER and time.monotonic() < deadline:
                time.sleep(_LEAST)
                continue
            return None
        return None if told is None else Bounds(*told)


def reread_from(position: int, bounds: Bounds) -> int:
    """Return where to read again, for a reader that failed at `position`.

    What stands below may have been cut off and written anew, how far back nobody tells.
    """
    return max(bounds.low, min(position, bounds.end) - REREAD)
