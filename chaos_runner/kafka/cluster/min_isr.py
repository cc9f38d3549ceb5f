"""Learn `min.insync.replicas` of every topic, seldom and off the path of the health poll."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from confluent_kafka.admin import AdminClient

from chaos_runner.kafka.cluster.described_settings import topic_settings, whole_number

REFRESH_SECONDS = 300.0
"""How old a known value may be: an administrator's change is seen after so long."""
RETRY_SECONDS = 10.0
"""How soon topics that could not be described are asked for again."""
BATCH = 200
"""Topics a request; a cluster has thousands, and a request has to fit into a broker's limit."""

MIN_ISR = "min.insync.replicas"


class MinIsr:
    """The limit of every topic that is wanted. `refresh` belongs into a thread of its own."""

    def __init__(
        self,
        admin: AdminClient,
        limit: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._admin = admin
        self._limit = limit
        self._clock = clock
        self._wanted: frozenset[str] = frozenset()
        self._asked: dict[str, float] = {}
        self.known: dict[str, int] = {}
        """Topic to its effective limit, the broker's default included."""

    def want(self, topics: Iterable[str]) -> None:
        """Say which topics there are; those that are new are asked for at the next refresh."""
        self._wanted = frozenset(topics)

    def refresh(self) -> None:
        """Ask for the topics that are unknown or were asked for long ago."""
        wanted, now = self._wanted, self._clock()
        due = sorted(topic for topic in wanted if now >= self._due(topic))
        for start in range(0, len(due), BATCH):
            batch = due[start : start + BATCH]
            self._asked |= dict.fromkeys(batch, now)
            self.known = {**self.known, **self._describe(batch)}
        self.known = {topic: least for topic, least in self.known.items() if topic in wanted}
        self._asked = {topic: asked for topic, asked in self._asked.items() if topic in wanted}

    def _due(self, topic: str) -> float:
        every = REFRESH_SECONDS if topic in self.known else RETRY_SECONDS
        return self._asked.get(topic, float("-inf")) + every

    def _describe(self, topics: list[str]) -> dict[str, int]:
        return describe_min_isr(self._admin, topics, self._limit)


def describe_min_isr(admin: AdminClient, topics: list[str], limit: float) -> dict[str, int]:
    """Return the effective `min.insync.replicas` of those topics that may be described."""
    described = topic_settings(admin, topics, [MIN_ISR], limit)
    return min_isr_of(described)


def min_isr_of(described: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Return the `min.insync.replicas` among described settings of topics, where it is one."""
    limits = {topic: whole_number(found.get(MIN_ISR)) for topic, found in described.items()}
    return {topic: limit for topic, limit in limits.items() if limit is not None}
