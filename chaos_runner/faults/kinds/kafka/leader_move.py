"""Move the leaders of partitions off brokers."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from chaos_runner.faults.cluster_fault import ClusterFault
from chaos_runner.faults.values import TopicPattern
from chaos_runner.measurements.cluster_fault import MoveLeaders


class LeaderMove(ClusterFault):
    """Move the leaders of partitions off the targets' brokers.

    Partitions that a target's broker leads get another replica that is in sync as their leader: the
    order of their replicas is changed, and the first of them is elected. No data moves, no broker
    stops; clients have to find the new leader, as in a rolling restart. A partition that no other
    broker could lead stays. `*` takes Kafka's own topics as well: coordinators of groups and of
    transactions move then.

    Afterwards each partition has its order and its leader as before; one whose leader of before is
    not in sync any more gets the order, and Kafka elects it when it is back. Refused while replicas
    of such a partition are being reassigned. The calls need a login by PLAIN or SCRAM, or none, and
    certificates in PEM files.
    """

    kind: ClassVar[str] = "leader_move"
    occupies: ClassVar[str] = "leadership"

    topics: list[TopicPattern] = Field(default=["*"], min_length=1, max_length=1000)
    """The topics whose leaders move, by name or with `*` and `?`."""

    def change(self) -> MoveLeaders:
        """Return the move."""
        return MoveLeaders(topics=tuple(self.topics))

    def describe(self) -> str:
        """Return e.g. `move the leaders of all topics`."""
        return f"move the leaders of {self._named()}"

    def outcome(self) -> str:
        """Return e.g. `had the leaders of all topics moved`."""
        return f"had the leaders of {self._named()} moved"

    def _named(self) -> str:
        return "all topics" if self.topics == ["*"] else ", ".join(self.topics)
