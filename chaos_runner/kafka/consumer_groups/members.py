"""Know which consumer groups have members, from the lists of groups that the brokers keep.

A question to the one broker that coordinates a group would be the plain way. But librdkafka's
admin client takes the process with it when the connection to a coordinator breaks under such a
question (librdkafka issues 4605 and 5397), and faults break connections.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future

from confluent_kafka import ConsumerGroupState, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._group import ListConsumerGroupsResult

ASK_EVERY = 10.0
"""Seconds; a list of all groups may be long, and a group's status takes longer to change."""
ANSWER_LIMIT = 8.0


class Members:
    """The newest answer about a group's members; asking never waits for it."""

    def __init__(self, admin: AdminClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._admin = admin
        self._clock = clock
        self._asked = -ASK_EVERY
        self._pending: Future[ListConsumerGroupsResult] | None = None
        self._without: set[str] = set()

    def has_any(self, group: str) -> bool:
        """Tell whether a group has members, as it has while nobody says otherwise."""
        return group not in self._without

    def ask(self) -> None:
        """Take in what was answered since, and ask again where it is time to."""
        if self._pending is not None and self._pending.done():
            self._take(self._pending)
            self._pending = None
        if self._pending is None and self._clock() - self._asked >= ASK_EVERY:
            self._asked = self._clock()
            self._pending = self._admin.list_consumer_groups(request_timeout=ANSWER_LIMIT)

    def _take(self, answered: Future[ListConsumerGroupsResult]) -> None:
        try:
            listed = answered.result().valid or []
        except KafkaException:
            return
        # A group that is not listed may be coordinated by a broker that did not answer.
        for each in listed:
            if each.state is ConsumerGroupState.EMPTY:
                self._without.add(each.group_id)
            else:
                self._without.discard(each.group_id)
