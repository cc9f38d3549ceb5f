"""The machines of a cluster, as the blast radius knows them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Member:
    """One machine of the cluster: a host of the inventory, or a broker it does not know."""

    name: str
    addresses: frozenset[str]
    """Every address and name under which it is known."""
    brokers: Mapping[int, int]
    """The live brokers on it, with the port that each advertises."""
    voter: bool = False
    """Whether one of the controllers is on it, as the cluster, ZooKeeper's process there or the
    group of controllers tells."""
    meant_as_broker: bool = False
    """Whether it stands in the group of brokers."""
    kafka: bool = True
    """Whether it stands in a group of Kafka's, or a broker or its process is known to be on it."""
    serves_unseen: str = ""
    """Why a broker may be on it that no advertised address leads to, or nothing."""
    listening: frozenset[int] = frozenset()
    """The TCP ports on which something listens there, as far as it was asked."""
    serving: frozenset[int] = frozenset()
    """Those of them at which a Kafka server there does."""
    tells: bool = False
    """Whether it was asked for its addresses, and told them."""
    numbered: bool = False
    """Whether it tells of Kafka servers, and the number of each in the cluster."""
    for_clients: frozenset[int] = frozenset()
    """Those at which clients alone reach the brokers there, as far as these tell."""


@dataclass(frozen=True)
class Members:
    """All machines by name; `voters_known` tells whether those of all controllers are."""

    by_name: Mapping[str, Member]
    voters_known: bool
    voters_told: Mapping[int, str] = field(default_factory=dict)
    """The ids of the controllers that vote, as the cluster or else the servers on hosts tell, each
    with the machine that it is on; empty where that is none of those known."""
    silent_voters: frozenset[str] = frozenset()
    """The machines of the voters that the active controller does not hear already."""
    active_controller: str | None = None
    """The machine of the active controller; empty where it is none of those known, and None where
    nobody tells who that is."""
    controller_ports: frozenset[int] = frozenset()
    """The ports at which the voters serve as controllers; none where nobody tells."""
    kept_by_zookeeper: bool = False
    """Whether the voters are servers of ZooKeeper: a broker needs any one of them, and no leader.
    """

    @property
    def kafka(self) -> list[Member]:
        """Return the machines that are part of the cluster."""
        return [member for member in self.by_name.values() if member.kafka]

    @property
    def ports(self) -> frozenset[int]:
        """Return the ports at which Kafka is known to serve on any of them."""
        return frozenset(
            port for member in self.kafka for port in (*member.brokers.values(), *member.serving)
        )

    @property
    def untold(self) -> tuple[str, ...]:
        """Return the machines of the cluster that do not tell at which ports Kafka serves there."""
        return tuple(member.name for member in self.kafka if not member.serving)
