"""Find the hosts that play a part in Kafka: who leads, follows, coordinates, controls. Pure.

Who that is changes while a cluster lives, so it is asked when the plan is made and again right
before the first host is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chaos_runner.blast_radius.kafka_members import KAFKA_CONTROLLER_GROUP, members_of
from chaos_runner.errors import RefusedError
from chaos_runner.experiment.targets import Targets
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts, servers_on
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.server_facts import active_controller_of
from chaos_runner.measurements.cluster_snapshot import (
    OFFSETS_TOPIC,
    ClusterSnapshot,
    Partition,
    coordinating_partition,
)


@dataclass(frozen=True)
class Eyes:
    """All that tells who plays which part: the inventory, the cluster, the hosts' own words."""

    inventory: Inventory
    cluster: ClusterSnapshot | None
    """None where the cluster does not tell."""
    facts: Mapping[str, PreflightFacts]

    def hosts_of(self, brokers: Sequence[int]) -> dict[int, str]:
        """Return the host that carries each of these brokers, where one is known."""
        if self.cluster is None:
            return {}
        members = members_of(self.inventory, self.cluster, self.facts).by_name
        return {
            broker: name
            for broker in brokers
            for name, member in members.items()
            if broker in member.brokers and name in self.inventory.hosts
        }


def default_group(targets: Targets, inventory: Inventory) -> str:
    """Return the group among which the targets are looked for."""
    named = "group" in targets.model_fields_set
    if targets.controller and not named and KAFKA_CONTROLLER_GROUP in inventory.groups:
        return KAFKA_CONTROLLER_GROUP
    return targets.group


def role_words(targets: Targets) -> str:
    """Return the part that targets have to play, in words; nothing where they need not."""
    match targets.role:
        case "controller":
            return "the active controller"
        case "leader_of":
            return f"the leader of {targets.leader_of}"
        case "follower_of":
            return f"a follower of {targets.follower_of}"
        case "coordinator_of":
            return f"the coordinator of group {targets.coordinator_of}"
        case "rack":
            return f"a broker in rack {targets.rack}"
        case _:
            return ""


def role_holders(targets: Targets, candidates: Sequence[str], eyes: Eyes) -> tuple[str, ...]:
    """Return the candidates that play the part which `targets` asks for, in their order.

    All of them where it asks for none. Raises RefusedError, which says why, where nobody plays
    it, nobody can tell who does, or it is no candidate.
    """
    if targets.role is None:
        return tuple(candidates)
    holders = _HOLDERS[targets.role](targets, eyes)
    chosen = tuple(host for host in candidates if host in holders)
    if chosen:
        return chosen
    raise RefusedError(
        f"{role_words(targets)} is {', '.join(holders)}, and that is not among the hosts to "
        f"choose from: {', '.join(candidates)}",
        "name another group or pattern beside it",
    )


def voters_of(eyes: Eyes) -> dict[str, tuple[int, ...]]:
    """Return the controllers that the inventory names, each with the brokers on its host."""
    if eyes.cluster is None:
        return {}
    members = members_of(eyes.inventory, eyes.cluster, eyes.facts)
    return {each.name: tuple(each.brokers) for each in members.kafka if each.voter}


def racks_of(hosts: Sequence[str], eyes: Eyes) -> dict[str, list[str]]:
    """Return the racks of the brokers on these hosts, each with its hosts, in their order.

    Raises RefusedError where the cluster does not tell, or no broker there has a rack.
    """
    if eyes.cluster is None:
        raise RefusedError(
            "nobody can tell the racks of the targets: the cluster does not answer",
            "`chaos-runner doctor` looks for the reason; or name inventory groups",
        )
    brokers = eyes.cluster.brokers
    racks: dict[str, list[str]] = {}
    located = {host: brokers[broker].rack for broker, host in eyes.hosts_of(list(brokers)).items()}
    for host in hosts:
        if rack := located.get(host, ""):
            racks.setdefault(rack, []).append(host)
    if not racks:
        raise RefusedError(
            f"no broker on {', '.join(hosts)} is in a rack",
            "`broker.rack` of the brokers' configuration says it; or name inventory groups",
        )
    return racks


def _controller(targets: Targets, eyes: Eyes) -> tuple[str, ...]:
    """Return the host of the KRaft leader: what the servers with the latest epoch say."""
    servers = servers_on(eyes.facts)
    leader = active_controller_of(server for _, server in servers)
    if leader is None:
        raise RefusedError(
            "no host knows the active controller: none of those asked runs a KRaft server whose "
            "quorum-state could be read",
            "name the controllers' group or hosts beside `controller: active`",
        )
    hosts = tuple(host for host, server in servers if server.node == leader)
    if hosts:
        return hosts
    raise RefusedError(
        f"the active controller is node {leader}, which runs on none of the hosts asked",
        "name the controllers' group or hosts beside `controller: active`",
    )


def _leader(targets: Targets, eyes: Eyes) -> tuple[str, ...]:
    partition = _led(_partition(str(targets.leader_of), _cluster(eyes, targets)))
    return _hosts([partition.leader], targets, eyes)


def _followers(targets: Targets, eyes: Eyes) -> tuple[str, ...]:
    partition = _led(_partition(str(targets.follower_of), _cluster(eyes, targets)))
    followers = [broker for broker in partition.replicas if broker != partition.leader]
    if not followers:
        raise RefusedError(
            f"{partition} has no follower: its one replica is on broker {partition.leader}"
        )
    return _hosts(followers, targets, eyes)


def _coordinator(targets: Targets, eyes: Eyes) -> tuple[str, ...]:
    cluster = _cluster(eyes, targets)
    count = sum(1 for _ in cluster.of_topic(OFFSETS_TOPIC))
    if not count:
        raise RefusedError(
            f"nobody coordinates group {targets.coordinator_of}: the cluster shows no topic "
            f"{OFFSETS_TOPIC}",
            "it is made when the first consumer group commits; the probe's user must see it",
        )
    number = coordinating_partition(str(targets.coordinator_of), count)
    partition = _led(_partition(f"{OFFSETS_TOPIC}-{number}", cluster))
    return _hosts([partition.leader], targets, eyes)


def _rack(targets: Targets, eyes: Eyes) -> tuple[str, ...]:
    brokers = _cluster(eyes, targets).brokers
    inside = [number for number, broker in brokers.items() if broker.rack == targets.rack]
    if inside:
        return _hosts(inside, targets, eyes)
    racks = sorted({broker.rack for broker in brokers.values()} - {""})
    raise RefusedError(
        f"no live broker is in rack `{targets.rack}`; their racks are {', '.join(racks) or 'none'}",
        "`broker.rack` of the brokers' configuration says it; or name an inventory group",
    )


_HOLDERS: dict[str, Callable[[Targets, Eyes], tuple[str, ...]]] = {
    "controller": _controller,
    "leader_of": _leader,
    "follower_of": _followers,
    "coordinator_of": _coordinator,
    "rack": _rack,
}


def _cluster(eyes: Eyes, targets: Targets) -> ClusterSnapshot:
    if eyes.cluster is None:
        raise RefusedError(
            f"nobody can tell who is {role_words(targets)}: the cluster does not answer",
            "`chaos-runner doctor` looks for the reason",
        )
    return eyes.cluster


def _partition(name: str, cluster: ClusterSnapshot) -> Partition:
    topic, _, number = name.rpartition("-")
    partitions = list(cluster.of_topic(topic))
    if not partitions:
        raise RefusedError(
            f"the cluster shows no topic `{topic}`",
            "write it as Kafka does; the probe's user must be allowed to describe it",
        )
    for partition in partitions:
        if partition.number == int(number):
            return partition
    raise RefusedError(f"topic `{topic}` has {len(partitions)} partitions, and no number {number}")


def _led(partition: Partition) -> Partition:
    if partition.offline:
        raise RefusedError(f"{partition} has no leader at the moment")
    return partition


def _hosts(brokers: Sequence[int], targets: Targets, eyes: Eyes) -> tuple[str, ...]:
    hosts = eyes.hosts_of(brokers)
    if hosts:
        return tuple(hosts.values())
    named = ", ".join(f"broker {broker}" for broker in brokers)
    raise RefusedError(
        f"{role_words(targets)} is {named}, which is on none of the hosts of "
        f"{eyes.inventory.label}",
        "`chaos_addresses` of a host names further addresses under which its broker is known",
    )
