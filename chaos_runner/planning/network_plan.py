"""Work out what a network fault means on each host: peers, interfaces, what is spared. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from ipaddress import ip_network

from chaos_runner.blast_radius.kafka_members import KAFKA_CONTROLLER_GROUP
from chaos_runner.experiment.models import Experiment
from chaos_runner.faults import FaultKind, NetworkFault
from chaos_runner.faults.network_fault import MEASURED, OWN_ADDRESSES, TrafficFault
from chaos_runner.faults.peers import as_written, in_packets
from chaos_runner.fleet.address_book import AddressBook, usable_addresses
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.interfaces import device_holding, shaped_interfaces
from chaos_runner.fleet.inventory import KAFKA_BROKER_GROUP, Inventory
from chaos_runner.fleet.preflight import Problem
from chaos_runner.fleet.targets import Selection

ResolvePattern = Callable[[str], tuple[str, ...]]

MOST_MEASURED = 3
"""Other brokers at which a host looks for the effect; one that answers would do."""


@dataclass(frozen=True)
class NetworkPlan:
    """The role variables of a fault, and how they come out on each target."""

    variables: dict[str, object]
    host_variables: dict[str, dict[str, object]] = field(default_factory=dict)
    """Per target the variables that differ from target to target."""
    peers: dict[str, list[str]] = field(default_factory=dict)
    interfaces: dict[str, tuple[str, ...]] = field(default_factory=dict)
    spared: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def on_host(self, host: str) -> dict[str, object]:
        """Return the role variables on one target."""
        return {**self.variables, **self.host_variables.get(host, {})}


def peer_hosts(experiment: Experiment, resolve: ResolvePattern) -> tuple[str, ...]:
    """Return the hosts that network faults name as peers: they are asked for their addresses."""
    hosts = (
        host
        for entry in experiment.faults
        if isinstance(entry.options, NetworkFault)
        for peer in entry.options.peers
        if not _as_range(peer)
        for host in resolve(peer)
    )
    return tuple(dict.fromkeys(hosts))


def may_be_peers(experiment: Experiment, inventory: Inventory) -> tuple[str, ...]:
    """Return the hosts of Kafka's groups, where a fault names addresses that may be theirs."""
    raw = any(
        _as_range(peer)
        for entry in experiment.faults
        if isinstance(entry.options, TrafficFault)
        for peer in entry.options.peers
    )
    groups = (KAFKA_BROKER_GROUP, KAFKA_CONTROLLER_GROUP) if raw else ()
    return tuple(dict.fromkeys(host for each in groups for host in inventory.groups.get(each, ())))


def plan_network(
    options: FaultKind,
    selection: Selection,
    hosts_with_faults: Set[str],
    book: AddressBook,
    resolve: ResolvePattern,
) -> NetworkPlan:
    """Resolve the peers of a fault and foresee what its role does with them on the targets.

    `hosts_with_faults` are the hosts that get any fault of the run: none of them is a good witness.
    Raises InvalidInventoryError for a peer without an address.
    """
    if not isinstance(options, NetworkFault):
        return NetworkPlan(options.role_variables(list))
    targets, split = selection.targets, selection.split
    peers: dict[str, list[str]] = {}
    notes: list[str] = []

    def addresses_of(written: list[str]) -> list[str]:
        for peer in written:
            known = _as_range(peer)
            if known:
                peers[peer] = [known]
                continue
            for host in resolve(peer):
                if [host] == list(targets):
                    continue  # what a host sends itself stays out of every fault
                if (unusable := book.inventory.hosts[host].unusable) and not book.knows(host):
                    notes.append(f"{host} is left out of the peers, without an address: {unusable}")
                    continue
                peers[host] = list(book.of_host(host))
                notes.extend(book.remarks_on(host))
        return _addresses_of(peers, peers)

    variables = options.role_variables(addresses_of)
    host_variables: dict[str, dict[str, object]] = {}
    own = [address for host in targets for address in book.advertised_by(host)]
    role, shapes_interface = options.role_name(), OWN_ADDRESSES in options.role_only
    if split:
        del variables[f"{role}_peers"]  # for a host without its own they would mean everybody
        peers = {host: list(book.of_host(host)) for host in split.cut_from}
        host_variables = {
            host: {f"{role}_peers": _addresses_of(split.cut_from[host], peers)} for host in targets
        }
        notes += [remark for host in peers for remark in book.remarks_on(host)]
    elif not options.peers:
        if MEASURED in options.role_only:
            variables[f"{role}_{MEASURED.name}"] = _witnesses(hosts_with_faults, book)
        if shapes_interface:
            variables[f"{role}_{OWN_ADDRESSES.name}"] = own
            notes += _not_on_the_host(variables[f"{role}_interface"], targets, book)
    answered = {host: book.facts[host] for host in targets if host in book.facts}
    plan = NetworkPlan(variables, host_variables, peers)
    return replace(
        plan,
        interfaces={
            host: shaped_interfaces(role, plan.on_host(host), facts)
            for host, facts in answered.items()
            if shapes_interface
        },
        spared={
            host: spared
            for host, facts in answered.items()
            if (spared := options.spared_of(facts.spared.splitlines()))
        },
        problems={
            host: [
                *_problems_of(options, plan.on_host(host), facts),
                *_forwarded(facts, book.ports_advertised_by(host)),
                *(_shaped_twice(role, plan.on_host(host), facts) if shapes_interface else ()),
            ]
            for host, facts in answered.items()
        },
        notes=list(dict.fromkeys(notes)),
    )


def _addresses_of(hosts: Iterable[str], known: Mapping[str, Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(address for host in hosts for address in known[host]))


def _problems_of(
    options: NetworkFault,
    variables: Mapping[str, object],
    facts: PreflightFacts,
) -> Iterator[Problem]:
    """Yield what stands in the way in; the role would refuse it on the host."""
    if facts.path_problem and not options.spared:
        yield Problem(facts.path_problem, facts.path_hint)
    peers = variables[f"{options.role_name()}_peers"]
    for line in options.spared_of(facts.spared.splitlines()):
        address, protocol, port, _ = line.split(" ", 3)
        asked = isinstance(peers, list) and address in peers and not options.concerned_ports()
        if asked and (protocol, port) == ("udp", "53"):
            yield Problem(
                f"the peer {address} is a name server of this host, which the way in needs",
                "name the ports that are meant, or leave it out",
            )


def _forwarded(facts: PreflightFacts, advertised: Set[int]) -> Iterator[Problem]:
    """Yield that a Kafka server there would not feel the fault, which passes what is forwarded.

    Not where the host's own servers are those of the cluster: it is somebody else's then.
    """
    servers = facts.servers or ()
    own = {port for server in servers if not server.forwarded for port in server.ports}
    processes = [str(server.process) for server in servers if server.forwarded]
    if processes and not (advertised and own >= advertised):
        yield Problem(
            f"its Kafka server (process {', '.join(processes)}) has a network of its own, as in a "
            "container: what the host forwards for it is in no fault, so it would feel nothing",
            "give its container the host's network, or put the fault on other hosts with this one "
            "as their peer",
        )


def _shaped_twice(
    role: str, variables: Mapping[str, object], facts: PreflightFacts
) -> Iterator[Problem]:
    """Yield what the role would refuse on the host: links of which one carries the other."""
    shaped = shaped_interfaces(role, variables, facts)
    for line in facts.below:
        link, _, carrier = line.partition(" ")
        if link in shaped and carrier in shaped:
            yield Problem(
                f"packets of {link} leave by {carrier}, and both would be shaped",
                "name peers beyond one of them, or the interface",
            )


def _witnesses(hosts_with_faults: Set[str], book: AddressBook) -> list[str]:
    """Return addresses that Kafka advertises where no fault is planned, one of each broker."""
    taken = {address for host in hosts_with_faults for address in book.advertised_by(host)}
    brokers = book.cluster.brokers.values() if book.cluster else ()
    advertised = (usable_addresses((each.host, *each.addresses)) for each in brokers)
    return [known[0] for known in advertised if known and not taken & set(known)][:MOST_MEASURED]


def _not_on_the_host(named: object, targets: Sequence[str], book: AddressBook) -> list[str]:
    if named:
        return []
    return [
        f"{host} does not hold the address that Kafka advertises there, "
        f"{', '.join(book.advertised_by(host))}; its interface towards the control node is taken"
        for host in targets
        if host in book.facts
        and book.advertised_by(host)
        and not device_holding(book.advertised_by(host), book.facts[host])
    ]


def _as_range(peer: str) -> str:
    """Return an address or a range as it stands in packets; nothing for a host or a group."""
    try:
        return as_written(in_packets(ip_network(peer, strict=False)))
    except ValueError:
        return ""
