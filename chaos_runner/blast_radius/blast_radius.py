"""Work out, before anything is done, whom the planned faults would hurt. Pure.

From the cluster as it is (every topic of everybody, the consumer groups, the voters) and the
faults as planned: which partitions would lose their leader, refuse writes or go offline, which
groups would lose their coordinator, whether the controllers would keep their majority. Kafka's
own topics count as others': without `__consumer_offsets` nobody consumes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from pydantic import BaseModel, ConfigDict

from chaos_runner.blast_radius.fault_impact import FaultImpact, TargetedHosts, impact_of
from chaos_runner.blast_radius.kafka_members import members_of
from chaos_runner.blast_radius.members import Members
from chaos_runner.blast_radius.partition_impact import PartitionImpact, partition_impact
from chaos_runner.blast_radius.quorum import QuorumImpact, quorum_impact
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.measurements.cluster_snapshot import (
    OFFSETS_TOPIC,
    ClusterSnapshot,
    Partition,
    coordinating_partition,
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class TopicHarm(_Part):
    """What happens to the partitions of one topic that has a replica on a target, counted."""

    topic: str
    on_targets: int
    """Partitions with a replica on a machine that is gone or at risk."""
    lose_leader: int = 0
    under_min_isr: int = 0
    offline: int = 0

    @property
    def harmed(self) -> bool:
        """Tell whether somebody could no longer write to it, or read it."""
        return bool(self.under_min_isr or self.offline)


class BlastRadius(_Part):
    """Whom the faults would hurt; hosts and brokers by name, worst topics first."""

    unknown: str = ""
    """Why some or all of this could not be worked out, or nothing."""
    gone: list[str] = []
    """Machines of the cluster that the rest of it would miss."""
    at_risk: list[str] = []
    """Machines of the cluster that would be slow, or cut from some."""
    quorum: QuorumImpact | None = None
    topics: list[TopicHarm] = []
    groups: list[str] = []
    """Consumer groups that would have to find another coordinator."""
    stuck_groups: list[str] = []
    """Consumer groups that could not commit: their coordinator's partition would refuse it."""
    disturbed_groups: list[str] = []
    """Consumer groups whose members a fault of the cluster disturbs on purpose."""
    notes: list[str] = []

    def shortened(self, most: int) -> BlastRadius:
        """Return the same with the `most` worst topics and as many groups, for a journal."""
        notes = list(self.notes)
        if len(self.topics) > most:
            notes.append(f"{len(self.topics)} topics are on the targets, the worst are named")
        return self.model_copy(
            update={
                "topics": self.topics[:most],
                "groups": self.groups[:most],
                "stuck_groups": self.stuck_groups[:most],
                "notes": notes,
            }
        )

    def count(self, what: str) -> int:
        """Return a count of TopicHarm summed over all topics."""
        return sum(getattr(topic, what) for topic in self.topics)

    @property
    def harmed_topics(self) -> list[str]:
        """Return the topics that would go offline or below min.insync.replicas, worst first."""
        return [topic.topic for topic in self.topics if topic.harmed]


def blast_radius(
    targeted: Iterable[TargetedHosts],
    inventory: Inventory,
    snapshot: ClusterSnapshot,
    facts: Mapping[str, PreflightFacts] | None = None,
) -> BlastRadius:
    """Return whom the faults would hurt. What is so already, without them, does not count.

    `facts` are what hosts told of themselves: their addresses, and the servers that run there.
    """
    members = members_of(inventory, snapshot, facts)
    fault_impact = impact_of(targeted, members, facts)
    impacts = _impacts(snapshot, members, fault_impact)
    groups, stuck = _groups(snapshot, impacts)
    return BlastRadius(
        unknown=_why_unknown(members, fault_impact, snapshot),
        gone=_in_cluster(fault_impact.missed, members),
        at_risk=_in_cluster(fault_impact.at_risk, members),
        quorum=quorum_impact(members, fault_impact),
        topics=_topics(impacts, _brokers_on(fault_impact.missed | fault_impact.at_risk, members)),
        groups=groups,
        stuck_groups=stuck,
        notes=_notes(snapshot, impacts),
    )


def _impacts(
    snapshot: ClusterSnapshot, members: Members, fault_impact: FaultImpact
) -> dict[Partition, PartitionImpact]:
    gone = _brokers_on(fault_impact.missed, members)
    homes: dict[int, list[str]] = {}  # a machine may stand in the inventory under several names
    for member in members.by_name.values():
        for broker in member.brokers:
            homes.setdefault(broker, []).append(member.name)

    def linked(one: int, other: int) -> bool:
        return all(
            fault_impact.linked(*ends) for ends in product(homes.get(one, ()), homes.get(other, ()))
        )

    return {
        partition: partition_impact(
            partition, gone, linked, snapshot.min_insync_replicas.get(partition.topic, 1)
        )
        for partition in snapshot.partitions
    }


def _topics(
    impacts: Mapping[Partition, PartitionImpact], brokers: frozenset[int]
) -> list[TopicHarm]:
    touched: dict[str, list[PartitionImpact]] = {}
    for partition, impact in impacts.items():
        if impact != PartitionImpact() or brokers & set(partition.replicas):
            touched.setdefault(partition.topic, []).append(impact)
    harms = [
        TopicHarm(
            topic=topic,
            on_targets=len(each),
            lose_leader=sum(impact.loses_leader for impact in each),
            under_min_isr=sum(impact.falls_under_min_isr for impact in each),
            offline=sum(impact.goes_offline for impact in each),
        )
        for topic, each in touched.items()
    ]
    return sorted(
        harms, key=lambda harm: (-harm.offline, -harm.under_min_isr, -harm.lose_leader, harm.topic)
    )


def _groups(
    snapshot: ClusterSnapshot, impacts: Mapping[Partition, PartitionImpact]
) -> tuple[list[str], list[str]]:
    """Return the groups whose coordinator is gone, and those that no other one can serve."""
    coordinators = {
        partition.number: impact
        for partition, impact in impacts.items()
        if partition.topic == OFFSETS_TOPIC
    }
    move, stuck = [], []
    for group in sorted(snapshot.groups or ()):
        impact = coordinators.get(
            coordinating_partition(group, len(coordinators)), PartitionImpact()
        )
        if impact.goes_offline or impact.falls_under_min_isr:
            stuck.append(group)
        elif impact.loses_leader:
            move.append(group)
    return move, stuck


def _notes(snapshot: ClusterSnapshot, impacts: Mapping[Partition, PartitionImpact]) -> list[str]:
    notes = []
    unknown = {
        partition.topic
        for partition in impacts
        if partition.topic not in snapshot.min_insync_replicas
    }
    if unknown:
        notes.append(
            f"min.insync.replicas of {len(unknown)} topics could not be read; 1 is supposed"
        )
    if snapshot.groups is None:
        notes.append("the consumer groups could not be listed")
    return notes


def _why_unknown(members: Members, fault_impact: FaultImpact, snapshot: ClusterSnapshot) -> str:
    """Say why the machines that are hit hard may carry more than is known, or nothing."""
    hit = fault_impact.gone.union(*fault_impact.cut)
    reasons = list(fault_impact.unknown)
    lost = []
    for member in members.by_name.values():
        if member.name not in hit:
            continue
        if member.serves_unseen:
            reasons.append(f"{member.name}: {member.serves_unseen}")
        elif member.meant_as_broker and not member.brokers:
            lost.append(member.name)
    if lost:
        reasons.append(
            f"no live broker advertises an address of {', '.join(lost)}: it is down, or known by "
            "another name"
        )
    if hit and snapshot.partial:
        reasons.append(snapshot.partial)
    return "; ".join(reasons)


def _in_cluster(names: frozenset[str], members: Members) -> list[str]:
    return [member.name for member in members.kafka if member.name in names]


def _brokers_on(names: frozenset[str], members: Members) -> frozenset[int]:
    return frozenset(broker for name in names for broker in members.by_name[name].brokers)
