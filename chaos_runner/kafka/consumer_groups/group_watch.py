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

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import ListOffsetsResultInfo, OffsetSpec

from chaos_runner.kafka.consumer_groups.commits import ANSWER_LIMIT, Commits, Key
from chaos_runner.kafka.consumer_groups.group_status import WINDOW, Sample, status_of, worst_status
from chaos_runner.kafka.consumer_groups.members import Members
from chaos_runner.measurements.model import GroupHealth

ASK_EVERY = 2.0
MOST_NAMED = 20
"""Partitions named in a health answer; the status counts all of them."""


@dataclass
class _Group:
    commits: Commits
    windows: dict[Key, deque[Sample]] = field(default_factory=dict)
    told: bool = False
    """Whether it was said that there is nothing to follow."""
    asked: float = 0.0
    health: GroupHealth | None = None


class GroupWatch:
    """The newest status of each named group. `ask` belongs into a thread of its own."""

    def __init__(
        self,
        admin: AdminClient,
        new_consumer: Callable[[str], Consumer],
        groups: Sequence[str],
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the clients; `new_consumer` returns one of the group that it is given.

        `tell` is told, once for each group, that there is nothing to follow.
        """
        self._admin = admin
        self._tell = tell
        self._clock = clock
        self._members = Members(admin, clock)
        self._groups = {name: _Group(Commits(new_consumer(name), clock)) for name in groups}

    def ask(self) -> None:
        """Take one sample of every group; a group that does not answer keeps its last status."""
        self._members.ask()
        for name, group in self._groups.items():
            asked = self._clock()
            try:
                committed = group.commits.newest()
                ends = self._ends(list(committed))
            except KafkaException:
                continue
            if not committed and not group.told:
                group.told = True
                self._tell(
                    f"consumer group {name} has committed nothing yet, or nothing that this user "
                    "may see: check its name in kafka.groups"
                )
            if ends:
                _take_samples(group, asked, committed, ends)
                group.health = _health_of(group, has_members=self._members.has_any(name))
                group.asked = asked

    def health(self) -> dict[str, GroupHealth]:
        """Return every group that has answered, with the age of the answer."""
        now = self._clock()
        return {
            name: group.health.model_copy(update={"age": round(now - group.asked, 1)})
            for name, group in self._groups.items()
            if group.health is not None
        }

    def unanswered(self) -> list[str]:
        """Return every group that has not."""
        return [name for name, group in self._groups.items() if group.health is None]

    def _ends(self, keys: list[Key]) -> dict[Key, int]:
        """Return where the logs end, as far as their leaders tell; raises KafkaException."""
        latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # it has no hints
        wanted = {TopicPartition(topic, number): latest for topic, number in keys}
        ends: dict[Key, int] = {}
        if wanted:
            answers = self._admin.list_offsets(wanted, request_timeout=ANSWER_LIMIT)
            for partition, future in answers.items():
                end = _end_in(future)
                if end >= 0:
                    ends[partition.topic, partition.partition] = end
        if len(ends) < len(wanted):
            # Until it has heard of all topics, or for 15 minutes, an admin client goes on asking
            # the leader it knows of, dead or deposed.
            self._admin.list_topics(timeout=ANSWER_LIMIT)
        return ends


def _take_samples(
    group: _Group, at: float, committed: Mapping[Key, int], ends: Mapping[Key, int]
) -> None:
    """Lengthen the windows; those of partitions without a commit any more are dropped."""
    group.windows = {key: window for key, window in group.windows.items() if key in committed}
    for key, end in ends.items():
        window = group.windows.setdefault(key, deque(maxlen=WINDOW))
        window.append(Sample(at, committed[key], end))


def _health_of(group: _Group, *, has_members: bool) -> GroupHealth:
    statuses = {
        f"{topic}-{number}": status_of(window, has_members=has_members)
        for (topic, number), window in sorted(group.windows.items())
    }
    behind = [(name, status) for name, status in statuses.items() if status != "OK"]
    return GroupHealth(
        status=worst_status(statuses.values()),
        lag=sum(window[-1].lag for window in group.windows.values()),
        age=0.0,
        behind=dict(behind[:MOST_NAMED]),
    )


def _end_in(future: Future[ListOffsetsResultInfo]) -> int:
    """Return the offset; negative where it is refused, or where a leader is gone and silent."""
    try:
        return int(future.result().offset)
    except KafkaException:
        return -1
