"""Match the hosts of an inventory with the brokers of a cluster. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chaos_runner.fleet.inventory import KAFKA_BROKER_GROUP, Host, Inventory
from chaos_runner.snapshot import Broker, ClusterSnapshot, known_as

KAFKA_CONTROLLER_GROUP = "kafka_controller"
"""The group of KRaft controllers, voters all, named as in Confluent's cp-ansible."""


@dataclass(frozen=True)
class Member:
    """Hold one machine of the cluster: a host of the inventory, or a broker it does not know."""

    name: str
    addresses: frozenset[str]
    """Every address and name under which it is known."""
    brokers: Mapping[int, int]
    """The live brokers on it, with the port that each advertises."""
    voter: bool = False
    """Whether it stands in the group of controllers."""
    meant_as_broker: bool = False
    """Whether it stands in the group of brokers."""
    kafka: bool = True
    """Whether it stands in a group of Kafka's, or a broker is known to be on it."""


@dataclass(frozen=True)
class Members:
    """Hold all machines by name; `voters_known` tells whether the inventory names controllers."""

    by_name: Mapping[str, Member]
    voters_known: bool

    @property
    def kafka(self) -> list[Member]:
        """Return the machines that are part of the cluster."""
        return [member for member in self.by_name.values() if member.kafka]


def members_of(inventory: Inventory, snapshot: ClusterSnapshot) -> Members:
    """Return every host of the inventory, and every broker that none of them carries.

    A broker is on a host when the name it advertises, or an address that name resolves to, is
    one of the host's.
    """
    meant_as_brokers = inventory.groups.get(KAFKA_BROKER_GROUP, ())
    voters = inventory.groups.get(KAFKA_CONTROLLER_GROUP, ())
    members: dict[str, Member] = {}
    matched: set[int] = set()
    for name, host in inventory.hosts.items():
        known = _names_of(host)
        brokers = {
            number: broker.port
            for number, broker in snapshot.brokers.items()
            if known & _names_advertised(broker)
        }
        matched |= set(brokers)
        addresses = known.union(*(_names_advertised(snapshot.brokers[each]) for each in brokers))
        members[name] = Member(
            name,
            addresses,
            brokers,
            voter=name in voters,
            meant_as_broker=name in meant_as_brokers,
            kafka=name in voters or name in meant_as_brokers or bool(brokers),
        )
    for number, broker in snapshot.brokers.items():
        if number not in matched:
            name = f"broker {number}"
            members[name] = Member(name, _names_advertised(broker), {number: broker.port})
    return Members(members, voters_known=bool(voters))


def _names_of(host: Host) -> frozenset[str]:
    return known_as((host.name, host.address, *host.every_address))


def _names_advertised(broker: Broker) -> frozenset[str]:
    return known_as((broker.host, *broker.addresses))
