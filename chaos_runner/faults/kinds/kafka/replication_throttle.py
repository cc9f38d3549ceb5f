"""Throttle the replication of brokers, as an administrator does for a reassignment."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from chaos_runner.faults.cluster_fault import ClusterFault
from chaos_runner.faults.values import TopicPattern
from chaos_runner.measurements.cluster_fault import ThrottleReplication
from chaos_runner.units import Size, Within, format_size


class ReplicationThrottle(ClusterFault):
    """Throttle the replication of the targets' brokers.

    A broker sends to followers, and fetches from leaders, no more bytes a second than the rate
    says: `leader.replication.throttled.rate` and `follower.replication.throttled.rate` of each
    broker, and the lists of throttled replicas of each topic that has a replica there. Kafka
    throttles only replicas that are not in sync. So clients and a healthy ISR notice nothing; a
    follower that comes back, after a restart or a partition, takes longer to catch up, and the
    partition stands longer on fewer replicas. Put it beside a fault that takes a follower away.

    Refused while a broker or topic has a throttle already: an administrator moves replicas.
    """

    kind: ClassVar[str] = "replication_throttle"
    occupies: ClassVar[str] = "replication throttle"

    rate: Annotated[Size, Within(1024, 1024**4, format_size)]
    """Bytes a second, of each broker and in each direction: `100KiB`, `5MiB`."""
    topics: list[TopicPattern] = Field(default=["*"], min_length=1, max_length=1000)
    """The topics whose replicas are throttled, by name or with `*` and `?`."""

    def change(self) -> ThrottleReplication:
        """Return the throttle."""
        return ThrottleReplication(rate=self.rate, topics=tuple(self.topics))

    def describe(self) -> str:
        """Return e.g. `throttle replication of all topics to 1MiB a second`."""
        topics = "all topics" if self.topics == ["*"] else ", ".join(self.topics)
        return f"throttle replication of {topics} to {format_size(self.rate)} a second"

    def outcome(self) -> str:
        """Return e.g. `had replication throttled to 1MiB a second`."""
        return f"had replication throttled to {format_size(self.rate)} a second"
