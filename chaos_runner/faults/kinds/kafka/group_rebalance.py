"""Have a consumer group rebalance again and again."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from chaos_runner.faults.cluster_fault import ClusterFault
from chaos_runner.faults.values import GroupId, TopicName
from chaos_runner.measurements.cluster_fault import RebalanceGroup
from chaos_runner.units import Duration, Within, format_duration


class GroupRebalance(ClusterFault):
    """Have a consumer group rebalance again and again.

    A member joins the group and leaves it as soon as it has its share of the partitions, so each
    round makes two rebalances. It reads no record (its partitions are paused) and commits nothing:
    the members take up its partitions where they had committed. The protocol, classic or that of
    KIP-848, is the group's. A group without members, and one of which a topic is not there, are
    refused; one whose members do not share the assignor turns the member away, and the run says
    that the fault had no effect. It disturbs the members of the group, so `allow: {groups: […]}`
    has to name it.

    The brokers forget a member whose process has died after 10 s.
    """

    kind: ClassVar[str] = "group_rebalance"
    of_brokers: ClassVar[bool] = False

    group: GroupId
    """The consumer group, which has members."""
    topics: list[TopicName] = Field(min_length=1, max_length=100)
    """The topics that its members are subscribed to."""
    every: Annotated[Duration, Within(2.0, 3600.0, format_duration)] = 10.0
    """From one joining to the next, 2s to 1h."""
    assignor: Literal["range", "roundrobin", "cooperative-sticky"] = "range"
    """An assignor that the members have, too; Java's consumers have `range` by default. Of no
    meaning in a group of KIP-848."""

    def change(self) -> RebalanceGroup:
        """Return the joining and leaving."""
        return RebalanceGroup(
            group=self.group,
            topics=tuple(self.topics),
            every=self.every,
            assignor=self.assignor,
        )

    def disturbs_groups(self) -> tuple[str, ...]:
        """Return the group."""
        return (self.group,)

    def describe(self) -> str:
        """Return e.g. `rebalance group payments every 10s`."""
        return f"rebalance group {self.group} every {format_duration(self.every)}"

    def outcome(self) -> str:
        """Return e.g. `had group payments rebalanced every 10s`."""
        return f"had group {self.group} rebalanced every {format_duration(self.every)}"
