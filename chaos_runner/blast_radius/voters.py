"""Find the machines that vote on the cluster's metadata. Pure.

Best the cluster tells, then the servers on the hosts, for a group of controllers in the inventory
may name some that do not vote. Without KRaft the servers of ZooKeeper are what brokers need; of
these only those are known that run on hosts that were asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chaos_runner.blast_radius.members import Member, Members
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts, servers_on
from chaos_runner.fleet.server_facts import ServerProcess, active_controller_of
from chaos_runner.measurements.cluster_snapshot import Voter, known_as


def with_voters(
    members: Mapping[str, Member],
    voters: Mapping[int, Voter],
    facts: Mapping[str, PreflightFacts],
) -> Members:
    """Return the members, each told whether it votes; so far the group of controllers says it.

    `voters` is what the cluster tells, `facts` what hosts told. A voter that is on none of the
    members is one of its own, where its address is known.
    """
    servers = servers_on(facts)
    told = voters or dict.fromkeys(_agreed(server for _, server in servers), Voter())
    candidates = {
        number: _may_be_on(number, voter, members, servers) for number, voter in told.items()
    }
    if any(len(names) > 1 for names in candidates.values()):
        told, candidates = {}, {}  # as with hosts of two clusters
    homes = {number: next(iter(names), "") for number, names in candidates.items()}
    added = {
        f"voter {number}": Member(f"voter {number}", known_as(voter.addresses), {})
        for number, voter in told.items()
        if not homes[number] and any(not _is_loopback(each) for each in voter.addresses)
    }
    homes |= {number: f"voter {number}" for number in told if f"voter {number}" in added}
    active = _active_controller(voters, servers)
    led_from = homes.get(active, "") if active is not None else None
    if active is not None and not led_from:
        names = _may_be_on(active, voters.get(active, Voter()), members, servers)
        led_from = min(names, default="") if len(names) < 2 else None
    grouped = {name for name, member in members.items() if member.voter}
    keepers = {host for host, server in servers if server.what == "zookeeper"}
    if any(server.node >= 0 for _, server in servers):
        keepers = set()  # a server with a metadata log: ZooKeeper is left from before, or another's
    if told and all(homes.values()):
        votes = set(homes.values())
    elif told or grouped or not keepers:
        votes = grouped if not told or len(grouped) == len(told) else set()
    else:
        votes = keepers
    return Members(
        {name: replace(each, voter=name in votes) for name, each in {**members, **added}.items()},
        voters_known=bool(votes),
        voters_told=homes,
        silent_voters=frozenset(homes[number] for number, each in told.items() if each.silent),
        active_controller=led_from,
        controller_ports=frozenset(port for each in told.values() for port in each.ports),
        kept_by_zookeeper=bool(votes) and votes == keepers,
    )


def _active_controller(
    voters: Mapping[int, Voter], servers: Iterable[tuple[str, ServerProcess]]
) -> int | None:
    """Return the id of the active controller: the cluster tells it, else the latest epoch does."""
    told = (number for number, each in voters.items() if each.leads)
    return next(told, active_controller_of(server for _, server in servers))


def _agreed(servers: Iterable[ServerProcess]) -> tuple[int, ...]:
    """Return the voters that the servers agree upon; none where they do not."""
    told = {tuple(server.voters) for server in servers if server.voters}
    return told.pop() if len(told) == 1 else ()


def _may_be_on(
    number: int,
    voter: Voter,
    members: Mapping[str, Member],
    servers: Iterable[tuple[str, ServerProcess]],
) -> set[str]:
    """Return the members that a voter may be on; none where it is on none that is known.

    Its address says it; else the number of a server, or that of a broker, which is its
    controller's too where they are one process.
    """
    known = {each for each in known_as(voter.addresses) if not _is_loopback(each)}
    by_address = {name for name, member in members.items() if member.addresses & known}
    if len(by_address) == 1:
        return by_address
    return {host for host, server in servers if server.node == number} | {
        name for name, member in members.items() if number in member.brokers
    }


def _is_loopback(address: str) -> bool:
    return address in {"localhost", "::1"} or address.startswith("127.")
