"""Say which machines of a cluster a fault reaches, and between which it lies. Pure.

A fault of the whole host reaches all that is on it. One of the traffic with some peers reaches a
partition only where two of its replicas are on both ends (unless it is about ports for clients
alone), where the probe itself is the peer, or where a machine may no longer hear who leads the
controllers, which then gives its partitions to others. So of five brokers of which one is isolated,
four go on as before with what they have among themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import product

from chaos_runner.blast_radius.address_set import address_set
from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.blast_radius.members import Member, Members
from chaos_runner.faults.network_fault import TrafficFault, among
from chaos_runner.measurements.exposure import FaultReach

_Pairs = Set[frozenset[str]]


def reach_of(
    fault: str,
    targeted: Sequence[TargetedHosts],
    members: Members,
    probe: Mapping[str, Set[str]],
) -> FaultReach:
    """Return what one fault reaches, which is what `targeted` says of its targets.

    `probe` has, for each target, the addresses by which it may know the probe's machine.
    """
    hit: set[str] = set()
    between: set[frozenset[str]] = set()
    named = {name for each in targeted for name in each.targets}
    kafka_ports = _ports_that_kafka_may_use(members)
    for each in targeted:
        if isinstance(each.options, TrafficFault):
            if not _concerns_any(each.options, kafka_ports):
                continue
            if each.peers and not _may_be_controllers(each.peers, members):
                peers = address_set(each.peers)
                ends = [other.name for other in members.kafka if peers.has_any(other.addresses)]
                between.update(
                    frozenset((one, other))
                    for one, other in product(each.targets, ends)
                    if one != other
                    and _lies_between(each.options, one, other, kafka_ports, members)
                )
                hit.update(name for name in each.targets if peers.has_any(probe.get(name, ())))
                continue
        hit.update(each.targets)
    hit.update(_may_lose_controllers(between, members))
    return FaultReach(
        fault=fault,
        hit=[_known_as(members.by_name[name]) for name in sorted(hit)],
        between=[
            (_known_as(members.by_name[one]), _known_as(members.by_name[other]))
            for one, other in sorted(map(sorted, between))
        ],
        meant_for_brokers=any(_serves(members.by_name[name]) for name in named),
    )


def _may_be_controllers(peers: Sequence[str], members: Members) -> bool:
    """Tell whether one of the peers that no known machine has may be one of the controllers."""
    if members.voters_known:
        return False
    known = {address for member in members.by_name.values() for address in member.addresses}
    return not all(peer in known or address_set((peer,)).has_any(known) for peer in peers)


def _ports_that_kafka_may_use(members: Members) -> frozenset[int]:
    """Return any at which something listens on its machines; none where nobody can tell."""
    listening = {port for member in members.kafka for port in member.listening}
    advertised = {port for member in members.kafka for port in member.brokers.values()}
    return frozenset(listening | advertised) if listening else frozenset()


def _concerns_any(options: TrafficFault, ports: Set[int]) -> bool:
    """Tell whether a fault is about one of the ports; where they are not known, it may be."""
    return not options.ports or not ports or any(among(port, options.ports) for port in ports)


def _lies_between(
    options: TrafficFault, one: str, other: str, ports: Set[int], members: Members
) -> bool:
    """Tell whether two machines feel it: not where it is about ports for clients alone."""
    ends = members.by_name[one], members.by_name[other]
    clients_alone = ends[0].for_clients & ends[1].for_clients
    concerned = {port for port in ports if among(port, options.ports)}
    return not options.ports or not concerned or not concerned <= clients_alone


def _may_lose_controllers(between: _Pairs, members: Members) -> Iterator[str]:
    """Yield the machines that may not hear the active controller, whoever it is by then.

    That can be each voter that still reaches a majority; where the voters are not known, every
    machine counts as one. Where no voter reaches a majority, nobody is led.
    """
    kafka = [member.name for member in members.kafka]
    voters = [member.name for member in members.kafka if member.voter] or kafka
    majority = len(voters) // 2 + 1
    may_lead = [each for each in voters if _heard(each, voters, between) >= majority]
    for name in kafka:
        lost = (frozenset((name, leader)) in between for leader in may_lead)
        if any(lost) or (not may_lead and any(name in pair for pair in between)):
            yield name


def _heard(voter: str, voters: Iterable[str], between: _Pairs) -> int:
    """Count the voters that a voter hears, itself included."""
    return sum(frozenset((voter, other)) not in between for other in voters)


def _serves(member: Member) -> bool:
    return bool(member.brokers or member.meant_as_broker or member.serves_unseen)


def _known_as(member: Member) -> list[str]:
    return sorted(member.addresses)
