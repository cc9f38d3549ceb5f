"""What a fault of the Kafka cluster does, and what takes it back, as data that every room reads.

Pure: `kafka/admin_faults` does it, a run's journal and the state directory keep it.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

CLUSTER = "Kafka cluster"
"""What stands in the place of a host in a journal; no inventory can have a host of this name."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ThrottleReplication(_Part):
    """A limit on what the brokers send to, and fetch for, replicas that are not in sync."""

    change: Literal["throttle_replication"] = "throttle_replication"
    rate: int
    """Bytes a second, of each broker and in each direction."""
    topics: tuple[str, ...] = ("*",)
    """Patterns of the topics whose replicas on the brokers are throttled."""


class MoveLeaders(_Part):
    """Other leaders for the brokers' partitions, by the order of their replicas."""

    change: Literal["move_leaders"] = "move_leaders"
    topics: tuple[str, ...] = ("*",)
    """Patterns of the topics."""


class RebalanceGroup(_Part):
    """A member that joins and leaves a consumer group again and again."""

    change: Literal["rebalance_group"] = "rebalance_group"
    group: str
    topics: tuple[str, ...]
    every: float
    """Seconds from one joining to the next."""
    assignor: str
    """The partition assignor that the member offers, in librdkafka's words."""


class SwitchedHost(_Part):
    """A host that is switched off: where it answers, and the programs that switch it."""

    host: str
    address: str
    port: int
    """That of its SSH server, which shows whether it is there."""
    off: tuple[str, ...]
    on: tuple[str, ...]


class SwitchPower(_Part):
    """Hosts switched off, by programs of the user's on the control node."""

    change: Literal["switch_power"] = "switch_power"
    off: tuple[str, ...]
    on: tuple[str, ...]
    """Arguments, in which `{host}` and `{address}` stand for the host's."""
    hosts: tuple[SwitchedHost, ...] = ()
    """The hosts, once a plan knows them."""

    def on_host(self, host: str, address: str, port: int) -> SwitchedHost:
        """Return one host with its own arguments."""

        def filled(arguments: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(
                each.replace("{host}", host).replace("{address}", address) for each in arguments
            )

        return SwitchedHost(
            host=host, address=address, port=port, off=filled(self.off), on=filled(self.on)
        )


ClusterChange = Annotated[
    ThrottleReplication | MoveLeaders | RebalanceGroup | SwitchPower,
    Field(discriminator="change"),
]
"""What is done to the cluster or its machines; a fault kind says which."""


class ConfigBefore(_Part):
    """One dynamic configuration: its own value before the fault, and what the fault makes it."""

    resource: Literal["broker", "topic"]
    name: str
    key: str
    before: str | None
    """None where it was not set there."""
    during: str

    def __str__(self) -> str:
        return f"{self.resource} {self.name}: {self.key}"


class ReplicasBefore(_Part):
    """One partition: the order of its replicas before and during the fault, and who led it."""

    topic: str
    partition: int
    before: tuple[int, ...]
    """Broker ids, the preferred leader first."""
    during: tuple[int, ...]
    leader: int
    """The broker that led it before."""

    @property
    def returning(self) -> tuple[int, ...]:
        """Return the order whose preferred leader is the leader of before.

        Where that was not the preferred one, the order of before follows, which moves no leader.
        """
        return (self.leader, *(broker for broker in self.before if broker != self.leader))

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"


class ClusterUndo(_Part):
    """What takes one fault of a cluster back: every value as it was, written before it changes."""

    run: str
    fault: str
    kind: str
    cluster: str
    """Kafka's id of the cluster: on another one the undo is refused."""
    configs: tuple[ConfigBefore, ...] = ()
    replicas: tuple[ReplicasBefore, ...] = ()
    group: str = ""
    """The consumer group in which the fault has a member; it goes with its process."""
    power: tuple[SwitchedHost, ...] = ()
    """The hosts that are to be on again."""

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of all values as they were before."""
        before = [
            *(f"{each}={each.before}" for each in self.configs),
            *(f"{each}={each.before} led by {each.leader}" for each in self.replicas),
            *(f"{each.host} is on" for each in self.power),
        ]
        return hashlib.sha256("\n".join(before).encode()).hexdigest()


class ClusterEnding(_Part):
    """How a fault of a cluster ended: by whom, after how long, and what is not as before."""

    by: Literal["revert", "lease", "timer", "others"]
    held: float | None = None
    """Seconds for which it was on, as far as its process knows."""
    differences: tuple[str, ...] = ()
    """What is not as it was before, since somebody else changed it meanwhile."""
