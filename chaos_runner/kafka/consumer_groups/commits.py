"""Ask for what a consumer group has committed, by a client of that group which never joins it.

An admin client could ask for all commits of a group at once. But librdkafka's takes the process
with it when a broker answers that it does not coordinate the group (librdkafka issue 5040), and
that a coordinator moves is what faults are made for. A client of the group looks for the next
one instead. It has to name the partitions, so now and then it names all there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from confluent_kafka import Consumer, TopicPartition

ANSWER_LIMIT = 4.0
LOOK_EVERYWHERE_EVERY = 30.0
"""Seconds until a topic is noticed that the group has begun to read since."""

Key = tuple[str, int]
"""A topic and the number of a partition."""


class Commits:
    """The commits of one group; `consumer` has its id, and no other user."""

    def __init__(self, consumer: Consumer, clock: Callable[[], float] = time.monotonic) -> None:
        self._consumer = consumer
        self._clock = clock
        self._known: list[Key] = []
        self._looked = 0.0

    def newest(self) -> dict[Key, int]:
        """Return the committed offsets; nothing for a group without any.

        Takes `ANSWER_LIMIT` at most, twice that where it looks everywhere. Raises KafkaException
        when nobody answers, or who answers no longer coordinates the group: then ask again.
        """
        self._consumer.poll(0)
        if self._known and self._clock() - self._looked < LOOK_EVERYWHERE_EVERY:
            return self._committed(self._known)
        found = self._committed(self._everywhere())
        self._known, self._looked = list(found), self._clock()
        return found

    def _everywhere(self) -> list[Key]:
        topics = self._consumer.list_topics(timeout=ANSWER_LIMIT).topics
        return [(name, number) for name, topic in topics.items() for number in topic.partitions]

    def _committed(self, keys: Iterable[Key]) -> dict[Key, int]:
        answers = self._consumer.committed(
            [TopicPartition(topic, number) for topic, number in keys], timeout=ANSWER_LIMIT
        )
        return {
            (each.topic, each.partition): each.offset
            for each in answers
            if each.error is None and each.offset >= 0
        }
