"""Match the hosts of an inventory with the brokers of a cluster. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from chaos_runner.fleet.guard_answers import PreflightFacts
from chaos_runner.fleet.inventory import KAFKA_BROKER_GROUP, Inventory
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, known_as

KAFKA_CONTROLLER_GROUP = "kafka_controller"
"""The group of KRaft controllers, voters all, named as in Confluent's cp-ansible."""


@dataclass(frozen=True)
class Member:
    """One machine of the cluster: a host of the inventory, or a broker it does not know."""

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
    """Whether it stands in a group of Kafka's, or a broker or its process is known to be on it."""
    serves_unseen: str = ""
    """Why a broker may be on it that no advertised address leads to, or nothing."""
    listening: frozenset[int] = frozenset()
    """The TCP ports on which something listens there, as far as it was asked."""
    serving: frozenset[int] = frozenset()
    """Those of them at which a Kafka server there does."""
    numbered: bool = False
    """Whether it tells of Kafka servers, and the number of each in the cluster."""
    for_clients: frozenset[int] = frozenset()
    """Those at which clients alone reach the brokers there, as far as these tell."""


@dataclass(frozen=True)
class Members:
    """All machines by name; `voters_known` tells whether the inventory names controllers."""

    by_name: Mapping[str, Member]
    voters_known: bool
    voters_told: Mapping[int, str] = field(default_factory=dict)
    """The ids of the controllers that vote, as the servers on hosts tell, each with the machine
    that it is on; empty where that is none of those asked."""

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


def members_of(
    inventory: Inventory,
    snapshot: ClusterSnapshot,
    facts: Mapping[str, PreflightFacts] | None = None,
) -> Members:
    """Return every host of the inventory, and every broker that none of them carries.

    A broker is on a host when the name it advertises, or an address that name resolves to, is
    one of the host's: by the inventory, or by what the host told of itself (`facts`).
    """
    facts = facts or {}
    meant_as_brokers = inventory.groups.get(KAFKA_BROKER_GROUP, ())
    voters = inventory.groups.get(KAFKA_CONTROLLER_GROUP, ())
    members: dict[str, Member] = {}
    matched: set[int] = set()
    for name in inventory.hosts:
        known = known_as(inventory.names_of(name)) | _addresses_of(facts.get(name))
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
            kafka=name in voters
            or name in meant_as_brokers
            or bool(brokers)
            or _runs_server(facts.get(name)),
            listening=frozenset(facts[name].listening) if name in facts else frozenset(),
            serving=_serving(facts.get(name)),
            numbered=_is_numbered(facts.get(name)),
            for_clients=_for_clients(snapshot.brokers[each] for each in brokers),
        )
    homeless = {
        number: broker.port for number, broker in snapshot.brokers.items() if number not in matched
    }
    members = {
        name: replace(member, serves_unseen=_serves_unseen(member, facts.get(name), homeless))
        for name, member in members.items()
    }
    for number, broker in snapshot.brokers.items():
        if number not in matched:
            name = f"broker {number}"
            members[name] = Member(
                name,
                _names_advertised(broker),
                {number: broker.port},
                for_clients=_for_clients([broker]),
            )
    return Members(members, voters_known=bool(voters), voters_told=_voters_told(facts))


def _voters_told(facts: Mapping[str, PreflightFacts]) -> dict[int, str]:
    """Return the voters that the servers on the hosts agree upon, and where each of them is.

    Nothing where they do not, or a number is on two hosts, as with hosts of two clusters.
    """
    servers = [(host, server) for host, each in facts.items() for server in each.servers or ()]
    told = {tuple(server.voters) for _, server in servers if server.voters}
    homes = {(server.node, host) for host, server in servers if server.node >= 0}
    by_node = dict(homes)
    if len(told) != 1 or len(by_node) != len(homes):
        return {}
    return {voter: by_node.get(voter, "") for voter in next(iter(told))}


def _addresses_of(facts: PreflightFacts | None) -> frozenset[str]:
    return known_as(facts.addresses) if facts else frozenset()


def _runs_server(facts: PreflightFacts | None) -> bool:
    return bool(facts and facts.servers)


def _serving(facts: PreflightFacts | None) -> frozenset[int]:
    servers = (facts.servers or ()) if facts else ()
    return frozenset(port for each in servers if each.what == "kafka" for port in each.ports)


def _serves_unseen(
    member: Member, facts: PreflightFacts | None, homeless: Mapping[int, int]
) -> str:
    """Return why one of the brokers that no host is known to carry may be on this one."""
    if member.brokers:
        return ""
    if _runs_server(facts) and not (member.voter and not member.meant_as_broker):
        return "a Kafka server runs on it, and no live broker advertises an address of it"
    for number, port in sorted(homeless.items()):
        if port in member.listening:
            return f"it listens on port {port}, and broker {number} is on none of the known hosts"
    return ""


def _is_numbered(facts: PreflightFacts | None) -> bool:
    kafka = [each for each in (facts.servers or () if facts else ()) if each.what == "kafka"]
    return bool(kafka) and all(server.node >= 0 for server in kafka)


def _for_clients(brokers: Iterable[Broker]) -> frozenset[int]:
    return frozenset(port for broker in brokers for port in broker.for_clients)


def _names_advertised(broker: Broker) -> frozenset[str]:
    return known_as((broker.host, *broker.addresses))
