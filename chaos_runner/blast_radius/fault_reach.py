"""Say which machines of a cluster a fault reaches, and between which it lies. Pure.

A fault of the whole host reaches all that is on it. One of the traffic with some peers reaches a
partition only where two of its replicas are on both ends, where the probe itself is the peer, or
where a machine may no longer hear who leads the controllers, which then gives its partitions to
others. So of five brokers of which one is
isolated, four go on as before with what they have among themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from chaos_runner.blast_radius.address_set import address_set
from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.blast_radius.kafka_members import Member, Members
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
    for each in targeted:
        if _is_of_whole_host(each, members):
            hit.update(each.targets)
            continue
        ends = _at_other_end(each, members)
        between |= {frozenset((name, end)) for name in each.targets for end in ends if end != name}
        hit.update(_cut_from_probe(each, members, probe))
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


def _is_of_whole_host(each: TargetedHosts, members: Members) -> bool:
    """Tell whether a fault is not limited to some of the traffic, as far as anybody knows.

    Where nobody knows the controllers, an address that no known machine has may be one of them.
    """
    options = each.options
    if not isinstance(options, TrafficFault):
        return True
    if not _concerns_kafka(options, members):
        return False
    if not each.peers:
        return True
    if members.voters_known:
        return False
    known = {address for member in members.by_name.values() for address in member.addresses}
    return not all(peer in known or address_set((peer,)).has_any(known) for peer in each.peers)


def _at_other_end(each: TargetedHosts, members: Members) -> list[str]:
    """Return the machines of the cluster that are peers of a fault that is limited to some."""
    if not isinstance(each.options, TrafficFault) or not _concerns_kafka(each.options, members):
        return []
    peers = address_set(each.peers)
    return [member.name for member in members.kafka if peers.has_any(member.addresses)]


def _cut_from_probe(
    each: TargetedHosts, members: Members, probe: Mapping[str, Set[str]]
) -> Iterator[str]:
    """Yield the targets of a fault that is limited to some peers, among them the probe."""
    if isinstance(each.options, TrafficFault) and _concerns_kafka(each.options, members):
        peers = address_set(each.peers)
        yield from (name for name in each.targets if peers.has_any(probe.get(name, ())))


def _concerns_kafka(options: TrafficFault, members: Members) -> bool:
    """Tell whether Kafka may use one of the ports that a fault is limited to.

    It may use any at which something listens on its machines, so without that nobody can tell.
    """
    listening = {port for member in members.kafka for port in member.listening}
    if not options.ports or not listening:
        return True
    advertised = {port for member in members.kafka for port in member.brokers.values()}
    return any(among(port, options.ports) for port in listening | advertised)


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
