"""Tell what the targets of the faults mean to each of the probe's partitions. Pure.

A partition is exposed as a leader when its preferred leader is a target, as a follower when only
another of its replicas is, and not at all otherwise: that is the control group, and what happens to
it as well was not done by the faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from chaos_runner.kafka.cluster.connectivity import host_and_port
from chaos_runner.kafka.ledger.record_header import EXPOSURES
from chaos_runner.measurements.cluster_snapshot import known_as
from chaos_runner.measurements.exposure import Exposure


def brokers_among(
    targets: Iterable[str], brokers: Mapping[int, str], addresses: Mapping[str, Set[str]]
) -> frozenset[int]:
    """Return the ids of the brokers that are targets.

    `brokers` maps ids to the `host:port` they advertise, `addresses` maps hosts and targets to
    the IP addresses they resolve to, where they do. Names match names without a lookup.
    """
    hosts = {broker: host_and_port(address)[0] for broker, address in brokers.items()}
    affected = {name for target in targets for name in _names(target, addresses)}
    return frozenset(broker for broker in hosts if affected & _names(hosts[broker], addresses))


def exposures(placement: Sequence[Sequence[int]], targets: Set[int]) -> list[Exposure]:
    """Return the exposure of each partition; empty for all of them without targets."""
    return [_exposure(replicas, targets) for replicas in placement]


def partitions_by_group(exposed: Sequence[Exposure]) -> dict[Exposure, list[int]]:
    """Return the partitions of each group that has any, in the order of their codes."""
    numbered = list(enumerate(exposed))
    groups = {group: [number for number, each in numbered if each == group] for group in EXPOSURES}
    return {group: partitions for group, partitions in groups.items() if partitions}


def why_no_control(placement: Sequence[Sequence[int]], targets: Set[int]) -> str:
    """Return why no partition is free of the targets; nothing when one is, or without targets."""
    if not targets or Exposure.NONE in exposures(placement, targets):
        return ""
    brokers = {broker for replicas in placement for broker in replicas}
    replicas = len(placement[0])
    spared = len(brokers - targets)
    if len(brokers) <= replicas:
        shortage = f"{len(brokers)} brokers with {replicas} replicas leave no control group"
    else:
        shortage = (
            f"{len(brokers)} brokers, of which {len(brokers & targets)} are targets, with "
            f"{replicas} replicas leave no control group"
        )
    instead = (
        "partitions replicated on a target and the time before the fault are the comparison"
        if spared
        else "the time before the fault is the only comparison"
    )
    return f"{shortage}: every partition has a replica on a target; {instead}"


def _names(host: str, addresses: Mapping[str, Set[str]]) -> frozenset[str]:
    return known_as((host, *addresses.get(host, frozenset())))


def _exposure(replicas: Sequence[int], targets: Set[int]) -> Exposure:
    if not targets:
        return Exposure.ALL
    if replicas[0] in targets:
        return Exposure.LEADER
    return Exposure.FOLLOWER if targets & set(replicas) else Exposure.NONE
