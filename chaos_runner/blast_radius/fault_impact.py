"""Say what planned faults do to the machines of a cluster: gone, cut off, at risk. Pure.

What faults do that are on at one moment adds up; `over_time.py` says which those are. Delays and
partial cuts put a machine at risk and no more: whether it keeps up is what the experiment is to
show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from math import inf

from chaos_runner.blast_radius.address_set import address_set
from chaos_runner.blast_radius.leadership import fenced_machines
from chaos_runner.blast_radius.members import Member, Members
from chaos_runner.blast_radius.service_impact import use_of_service
from chaos_runner.faults import FaultKind, Harm, Machine
from chaos_runner.faults.network_fault import TrafficFault, among
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts


@dataclass(frozen=True)
class TargetedHosts:
    """One planned fault: its options, targets and peers, and when it is on."""

    options: FaultKind
    targets: tuple[str, ...]
    peers: tuple[str, ...] = ()
    """IP addresses and CIDR ranges; none means every peer."""
    start: float = 0.0
    end: float = inf
    """Seconds on the plan's clock: it is on at most from `start` to just before `end`."""


@dataclass(frozen=True)
class FaultImpact:
    """What all faults together do to the machines, by their names."""

    gone: frozenset[str]
    fenced: frozenset[str]
    """Machines that are there and not led by the active controller, which fences their brokers."""
    at_risk: frozenset[str]
    """Machines that are slowed down, or cut from some; none of those that the rest misses."""
    cut: frozenset[frozenset[str]]
    """Pairs of machines that no longer reach each other, though both are there."""
    unknown: tuple[str, ...] = ()
    """What could not be told of a machine, for which the worst is supposed."""

    @property
    def missed(self) -> frozenset[str]:
        """Return the machines whose brokers the rest of the cluster misses."""
        return self.gone | self.fenced

    def linked(self, one: str, other: str) -> bool:
        """Tell whether two machines that are there still reach each other."""
        return frozenset((one, other)) not in self.cut


def impact_of(
    targeted: Iterable[TargetedHosts],
    members: Members,
    facts: Mapping[str, PreflightFacts] | None = None,
) -> FaultImpact:
    """Add up what the faults do; `facts` are what the targets told of themselves."""
    unknown: list[str] = []
    gone: set[str] = set()
    touched: set[str] = set()
    cut: set[frozenset[str]] = set()
    unled: set[frozenset[str]] = set()  # of those pairs, between which no controller is heard
    for each in targeted:
        for name in each.targets:
            member = members.by_name[name]
            touched.add(name)
            impact = each.options.impact_on(
                _as_machine(each, member, members, (facts or {}).get(name))
            )
            if impact.unknown:
                unknown.append(f"{name}: {impact.unknown}")
            if impact.harm is Harm.UNAVAILABLE:
                gone.add(name)
            unknown += [
                f"{name}: {why}" for why in _may_be_within(impact.cut_from, member, members)
            ]
            for other in _within(impact.cut_from, member, members):
                touched.add(other)
                cut.add(frozenset((name, other)))
                if _concerns_controllers(each.options, members):
                    unled.add(frozenset((name, other)))
    gone |= {member.name for member in members.kafka if _is_alone(member, members, gone, cut)}
    kafka = {member.name for member in members.kafka}
    pairs = frozenset(pair for pair in cut if not pair & gone)
    fenced, doubtful = fenced_machines(members, gone, unled)
    unknown += [
        f"{name} is cut from some of the controllers that may lead, one of which may fence it"
        for name in sorted(doubtful)
    ]
    return FaultImpact(
        gone=frozenset(gone),
        fenced=fenced,
        at_risk=frozenset((touched & kafka) - gone - fenced),
        cut=pairs,
        unknown=tuple(dict.fromkeys(unknown)),
    )


def _is_alone(member: Member, members: Members, gone: Set[str], cut: Set[frozenset[str]]) -> bool:
    """Tell whether a machine is cut from every controller, which then fences its brokers.

    Where nobody knows the controllers, from every other machine of the cluster.
    """
    others = [
        other.name
        for other in members.kafka
        if other.name not in gone | {member.name} and (other.voter or not members.voters_known)
    ]
    return bool(others) and all(frozenset((member.name, other)) in cut for other in others)


def _concerns_controllers(options: FaultKind, members: Members) -> bool:
    """Tell whether a fault is about what controllers send; ports of brokers alone are not."""
    if not isinstance(options, TrafficFault) or not options.ports:
        return True
    if members.controller_ports:
        return any(among(port, options.ports) for port in members.controller_ports)
    of_brokers = {port for each in members.kafka for port in each.brokers.values()}
    return not all(str(port).isdigit() and int(port) in of_brokers for port in options.ports)


def _as_machine(
    each: TargetedHosts, member: Member, members: Members, facts: PreflightFacts | None
) -> Machine:
    """Return what a fault kind may know of a target."""
    return Machine(
        ports=members.ports | (member.listening if member.serves_unseen else frozenset()),
        untold=members.untold if member.kafka or each.peers else (),
        peers=each.peers,
        use_of=lambda service: use_of_service(service, facts, expected=bool(member.brokers)),
    )


def _within(addresses: tuple[str, ...], member: Member, members: Members) -> Iterator[str]:
    """Yield the other machines of the cluster that have one of the addresses."""
    among = address_set(addresses)
    for other in members.kafka:
        if other.name != member.name and among.has_any(other.addresses):
            yield other.name


def _may_be_within(addresses: tuple[str, ...], member: Member, members: Members) -> Iterator[str]:
    """Yield why others may have an address that a machine is cut from, though none is known to.

    A broker may use another network than the one that it advertises here.
    """
    among = address_set(addresses)
    untold = [
        other.name
        for other in members.kafka
        if not other.tells and other.name != member.name and not among.has_any(other.addresses)
    ]
    if not untold:
        return
    known = {address for each in members.by_name.values() for address in each.addresses}
    foreign = [
        each
        for each in addresses
        if each not in known and ("/" in each or not address_set((each,)).has_any(known))
    ]
    if foreign:
        yield (
            f"{', '.join(untold)} did not tell all addresses, of which one may be among "
            f"{', '.join(foreign)}"
        )
