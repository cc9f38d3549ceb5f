"""Follow the consumer groups that the user named: their commits, the logs' ends, their members.

Each question may hang on a broker that is gone, so all of this belongs into a thread of its
own. What was not answered is left out of the window, never taken for lag.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from chaos_runner.kafka.commits import ANSWER_LIMIT, Commits, Key
from chaos_runner.kafka.group_status import WINDOW, Sample, status_of, worst_status
from chaos_runner.kafka.measures import GroupHealth

ASK_EVERY = 2.0
MOST_NAMED = 20
"""Partitions named in a health answer; the status counts all of them."""

Answer = TypeVar("Answer")

_WITHOUT_MEMBERS = {ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD}
_MOVED = {
    KafkaError.NOT_COORDINATOR,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
}
"""What a broker says that was asked for what it has no longer. Librdkafka's admin client goes on
asking it: a coordinator's place is forgotten when its connection breaks, a leader's after
`metadata.max.age.ms` (15 minutes), unless the client also reads or writes that topic."""


@dataclass
class _Group:
    commits: Commits
    windows: dict[Key, deque[Sample]] = field(default_factory=dict)
    has_members: bool = True
    """As long as nobody says otherwise: the milder word, stalled, is then used."""
    asked: float = 0.0
    health: GroupHealth | None = None


class GroupWatch:
    """Keep the newest status of each named group. `ask` belongs into a thread of its own."""

    def __init__(
        self,
        new_consumer: Callable[[str], Consumer],
        new_admin: Callable[[], AdminClient],
        groups: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the clients; `new_consumer` returns one of the group that it is given."""
        self._new_admin = new_admin
        self._admin = new_admin()
        self._outdated = False
        self._clock = clock
        self._groups = {name: _Group(Commits(new_consumer(name), clock)) for name in groups}

    def ask(self) -> None:
        """Take one sample of every group; a group that does not answer keeps its last status."""
        if self._outdated:
            self._admin, self._outdated = self._new_admin(), False
        for name, group in self._groups.items():
            asked = self._clock()
            try:
                committed = group.commits.newest()
            except KafkaException:
                continue
            if not committed:
                continue
            ends = self._ends(list(committed))
            if not ends:
                continue
            group.has_members = self._has_members(name, group.has_members)
            _take_samples(group, asked, committed, ends)
            group.health = _health_of(group)
            group.asked = asked

    def health(self) -> dict[str, GroupHealth]:
        """Return every group that has answered, with the age of the answer."""
        now = self._clock()
        return {
            name: group.health.model_copy(update={"age": round(now - group.asked, 1)})
            for name, group in self._groups.items()
            if group.health is not None
        }

    def _ends(self, keys: list[Key]) -> dict[Key, int]:
        latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # it has no hints
        wanted = {TopicPartition(topic, number): latest for topic, number in keys}
        ends: dict[Key, int] = {}
        for partition, future in self._admin.list_offsets(
            wanted, request_timeout=ANSWER_LIMIT
        ).items():
            answer = self._answer(future)
            if answer is not None and answer.offset >= 0:
                ends[partition.topic, partition.partition] = answer.offset
        return ends

    def _has_members(self, name: str, before: bool) -> bool:
        asked = self._admin.describe_consumer_groups([name], request_timeout=ANSWER_LIMIT)
        answer = self._answer(asked[name])
        return before if answer is None else answer.state not in _WITHOUT_MEMBERS

    def _answer(self, future: Future[Answer]) -> Answer | None:
        try:
            return future.result()
        except KafkaException as error:
            self._outdated = self._outdated or error.args[0].code() in _MOVED
            return None


def _take_samples(
    group: _Group, at: float, committed: Mapping[Key, int], ends: Mapping[Key, int]
) -> None:
    for key, end in ends.items():
        window = group.windows.setdefault(key, deque(maxlen=WINDOW))
        window.append(Sample(at, committed[key], end))


def _health_of(group: _Group) -> GroupHealth:
    statuses = {
        f"{topic}-{number}": status_of(window, has_members=group.has_members)
        for (topic, number), window in sorted(group.windows.items())
    }
    behind = [(name, status) for name, status in statuses.items() if status != "OK"]
    return GroupHealth(
        status=worst_status(statuses.values()),
        lag=sum(window[-1].lag for window in group.windows.values()),
        age=0.0,
        behind=dict(behind[:MOST_NAMED]),
    )
