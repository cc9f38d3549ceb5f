"""Match the hosts of an inventory with the brokers of a cluster. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from chaos_runner.blast_radius.members import Member, Members
from chaos_runner.blast_radius.voters import with_voters
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import KAFKA_BROKER_GROUP, Inventory
from chaos_runner.fleet.server_facts import ServerProcess
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, known_as

KAFKA_CONTROLLER_GROUP = "kafka_controller"
"""The group of KRaft controllers, named as in Confluent's cp-ansible."""


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
    controllers = inventory.groups.get(KAFKA_CONTROLLER_GROUP, ())
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
            voter=name in controllers,
            meant_as_broker=name in meant_as_brokers,
            kafka=name in controllers
            or name in meant_as_brokers
            or bool(brokers)
            or bool(_servers(facts.get(name))),
            listening=frozenset(facts[name].listening) if name in facts else frozenset(),
            serving=_serving(facts.get(name)),
            tells=name in facts,
            numbered=_is_numbered(facts.get(name)),
            for_clients=_for_clients(snapshot.brokers[each] for each in brokers),
        )
    homeless = {
        number: broker.port for number, broker in snapshot.brokers.items() if number not in matched
    }
    for number in homeless:
        broker = snapshot.brokers[number]
        members[f"broker {number}"] = Member(
            f"broker {number}",
            _names_advertised(broker),
            {number: broker.port},
            for_clients=_for_clients([broker]),
        )
    found = with_voters(members, snapshot.voters, facts)
    voting = _voting(snapshot, facts)
    by_name = {
        name: replace(
            member,
            serves_unseen=_outnumbers_brokers(member, facts.get(name), voting, snapshot.brokers)
            if member.brokers
            else _serves_unseen(member, facts.get(name), homeless),
        )
        for name, member in found.by_name.items()
    }
    return replace(found, by_name=by_name)


def _addresses_of(facts: PreflightFacts | None) -> frozenset[str]:
    return known_as(facts.addresses) if facts else frozenset()


def _servers(facts: PreflightFacts | None) -> Sequence[ServerProcess]:
    return (facts.servers or ()) if facts else ()


def _serving(facts: PreflightFacts | None) -> frozenset[int]:
    kafka = (each for each in _servers(facts) if each.what == "kafka")
    return frozenset(port for each in kafka for port in each.ports)


def _serves_unseen(
    member: Member, facts: PreflightFacts | None, homeless: Mapping[int, int]
) -> str:
    """Return why one of the brokers that no host is known to carry may be on this one."""
    votes_alone = member.voter and not member.meant_as_broker and len(_servers(facts)) == 1
    if _servers(facts) and not votes_alone:
        return "a Kafka server runs on it, and no live broker advertises an address of it"
    for number, port in sorted(homeless.items()):
        if port in member.listening:
            return f"it listens on port {port}, and broker {number} is on none of the known hosts"
    return ""


def _voting(snapshot: ClusterSnapshot, facts: Mapping[str, PreflightFacts]) -> frozenset[int]:
    """Return the ids of the controllers, as the cluster or the servers on hosts tell them."""
    told = (voter for each in facts.values() for one in _servers(each) for voter in one.voters)
    return frozenset((*snapshot.voters, *told))


def _outnumbers_brokers(
    member: Member, facts: PreflightFacts | None, voting: Set[int], live: Collection[int]
) -> str:
    """Return why more brokers than those that are known to be on a host may be on it."""
    alone = voting - set(live)
    kafka = [each for each in _servers(facts) if each.what == "kafka" and each.node not in alone]
    controllers = 1 if member.voter and not voting else 0  # one that nobody gives a number
    if len(kafka) - controllers <= len(member.brokers):
        return ""
    return (
        f"{len(kafka)} Kafka servers run on it, and live brokers that advertise an address of it "
        f"are {len(member.brokers)}"
    )


def _is_numbered(facts: PreflightFacts | None) -> bool:
    kafka = [each for each in _servers(facts) if each.what == "kafka"]
    return bool(kafka) and all(server.node >= 0 for server in kafka)


def _for_clients(brokers: Iterable[Broker]) -> frozenset[int]:
    return frozenset(port for broker in brokers for port in broker.for_clients)


def _names_advertised(broker: Broker) -> frozenset[str]:
    return known_as((broker.host, *broker.addresses))
