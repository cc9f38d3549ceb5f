"""What an experiment may do to others, said by name; everything else is refused."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from pydantic import Field

from chaos_runner.faults.values import GroupId, TopicPattern
from chaos_runner.yaml_input.written_model import WrittenModel

INTERNAL_PREFIX = "__"
"""Kafka's own topics begin so: `__consumer_offsets`, `__transaction_state`, …"""


class Allowance(WrittenModel):
    """What the blast radius may hold though it harms others."""

    quorum: bool = False
    """The KRaft controllers may lose their majority."""
    topics: list[TopicPattern] = Field(default=[], max_length=1000)
    """These topics may go offline or below min.insync.replicas; `*` stands for no internal one."""
    groups: list[GroupId] = Field(default=[], max_length=1000)
    """The members of these consumer groups may be disturbed."""
    unknown_blast_radius: bool = False
    """A run may begin though the cluster does not tell what it holds."""

    def covers(self, topic: str) -> bool:
        """Tell whether a topic is named; one of Kafka's own only by a pattern that begins as it."""
        return any(
            fnmatchcase(topic, pattern)
            for pattern in self.topics
            if pattern.startswith(INTERNAL_PREFIX) or not topic.startswith(INTERNAL_PREFIX)
        )

    def not_covered(self, topics: Iterable[str]) -> list[str]:
        """Return the topics that are not named."""
        return [topic for topic in topics if not self.covers(topic)]
