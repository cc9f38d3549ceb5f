"""Tell what the faults mean to each of the probe's partitions. Pure.

A partition is exposed as a leader when it is led on a machine that a fault hits, as a follower when
only another of its replicas is there, or a fault lies between two of its replicas, and not at all
otherwise: that is the control group, and what happens to it as well was not done by the faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations, product

from chaos_runner.kafka.cluster.connectivity import host_and_port
from chaos_runner.kafka.ledger.record_header import EXPOSURES
from chaos_runner.measurements.cluster_snapshot import known_as
from chaos_runner.measurements.exposure import Exposure, FaultReach


@dataclass(frozen=True)
class Reach:
    """The brokers that faults reach."""

    hit: frozenset[int] = frozenset()
    """Those that they hit as a whole."""
    between: frozenset[frozenset[int]] = frozenset()
    """Pairs of which they hit only what they send each other."""

    @property
    def brokers(self) -> frozenset[int]:
        """Return every broker that one of them reaches."""
        return self.hit.union(*self.between)

    def exposure(self, replicas: Sequence[int], leader: int) -> Exposure:
        """Return what they mean to a partition."""
        if not self.brokers:
            return Exposure.ALL
        if leader in self.hit:
            return Exposure.LEADER
        apart = any(frozenset(pair) in self.between for pair in combinations(replicas, 2))
        return Exposure.FOLLOWER if apart or self.hit & set(replicas) else Exposure.NONE

    def touches(self, placement: Iterable[Sequence[int]]) -> bool:
        """Tell whether they mean anything to one of these partitions."""
        exposed = {self.exposure(replicas, replicas[0]) for replicas in placement}
        return bool(exposed & {Exposure.LEADER, Exposure.FOLLOWER})


def reach_among(
    faults: Iterable[FaultReach], brokers: Mapping[int, str], addresses: Mapping[str, Set[str]]
) -> Reach:
    """Return which brokers these faults reach.

    `brokers` maps ids to the `host:port` they advertise, `addresses` maps hosts and machines to
    the IP addresses they resolve to, where they do.
    """
    hit: set[int] = set()
    between: set[frozenset[int]] = set()
    found: dict[tuple[str, ...], frozenset[int]] = {}

    def on(machine: Iterable[str]) -> frozenset[int]:
        names = tuple(machine)  # halves of a large cluster name each of its machines many times
        if names not in found:
            found[names] = brokers_among(names, brokers, addresses)
        return found[names]

    for fault in faults:
        hit.update(*map(on, fault.hit))
        for ends in fault.between:
            between.update(map(frozenset, product(*map(on, ends))))
    return Reach(frozenset(hit), frozenset(between))


def brokers_among(
    machine: Iterable[str], brokers: Mapping[int, str], addresses: Mapping[str, Set[str]]
) -> frozenset[int]:
    """Return the ids of the brokers on a machine; names match names without a lookup."""
    hosts = {broker: host_and_port(address)[0] for broker, address in brokers.items()}
    names = {name for each in machine for name in _names(each, addresses)}
    return frozenset(broker for broker in hosts if names & _names(hosts[broker], addresses))


def partitions_by_group(exposed: Sequence[Exposure]) -> dict[Exposure, list[int]]:
    """Return the partitions of each group that has any, in the order of their codes."""
    numbered = list(enumerate(exposed))
    groups = {group: [number for number, each in numbered if each == group] for group in EXPOSURES}
    return {group: partitions for group, partitions in groups.items() if partitions}


def why_no_control(exposed: Sequence[Exposure], placement: Sequence[Sequence[int]]) -> str:
    """Return why no partition is free of the faults; nothing when one is, or without any."""
    if not set(exposed) - {Exposure.ALL} or Exposure.NONE in exposed:
        return ""
    brokers = {broker for replicas in placement for broker in replicas}
    replicas = len(placement[0])
    instead = (
        "partitions replicated on a target and the time before the fault are the comparison"
        if Exposure.FOLLOWER in exposed
        else "the time before the fault is the only comparison"
    )
    return (
        f"{len(brokers)} brokers with {replicas} replicas leave no control group: the faults reach "
        f"every partition; {instead}"
    )


def _names(host: str, addresses: Mapping[str, Set[str]]) -> frozenset[str]:
    return known_as((host, *addresses.get(host, frozenset())))
