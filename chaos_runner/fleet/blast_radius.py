"""Work out, before anything is done, whom the planned faults would hurt. Pure.

From the cluster as it is (every topic of everybody, the consumer groups, the voters) and the
faults as planned: which partitions would lose their leader, refuse writes or go offline, which
groups would lose their coordinator, whether the controllers would keep their majority. Kafka's
own topics count as others': without `__consumer_offsets` nobody consumes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict

from chaos_runner.fleet.guard_answers import PreflightFacts
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.kafka_members import Members, members_of
from chaos_runner.fleet.partition_fate import Fate, fate_of
from chaos_runner.fleet.quorum import QuorumOutlook, quorum_outlook
from chaos_runner.fleet.strikes import Strike, Struck, strike
from chaos_runner.snapshot import (
    OFFSETS_TOPIC,
    ClusterSnapshot,
    Partition,
    coordinating_partition,
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class TopicHarm(_Part):
    """Count what happens to the partitions of one topic that has a replica on a target."""

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
    """Hold whom the faults would hurt; hosts and brokers by name, worst topics first."""

    unknown: str = ""
    """Why some or all of this could not be worked out, or nothing."""
    gone: list[str] = []
    """Machines of the cluster that the rest of it would miss."""
    at_risk: list[str] = []
    """Machines of the cluster that would be slow, or cut from some."""
    quorum: QuorumOutlook | None = None
    topics: list[TopicHarm] = []
    groups: list[str] = []
    """Consumer groups that would have to find another coordinator."""
    stuck_groups: list[str] = []
    """Consumer groups that could not commit: their coordinator's partition would refuse it."""
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
    strikes: Iterable[Strike],
    inventory: Inventory,
    snapshot: ClusterSnapshot,
    facts: Mapping[str, PreflightFacts] | None = None,
) -> BlastRadius:
    """Return whom the faults would hurt. What is so already, without them, does not count.

    `facts` are what hosts told of themselves: their addresses, and the servers that run there.
    """
    members = members_of(inventory, snapshot, facts)
    struck = strike(strikes, members, facts)
    fates = _fates(snapshot, members, struck)
    groups, stuck = _groups(snapshot, fates)
    return BlastRadius(
        unknown=_why_unknown(members, struck, snapshot),
        gone=_in_cluster(struck.gone, members),
        at_risk=_in_cluster(struck.at_risk, members),
        quorum=quorum_outlook(members, struck),
        topics=_topics(fates, _brokers_on(struck.gone | struck.at_risk, members)),
        groups=groups,
        stuck_groups=stuck,
        notes=_notes(snapshot, fates),
    )


def _fates(snapshot: ClusterSnapshot, members: Members, struck: Struck) -> dict[Partition, Fate]:
    gone = _brokers_on(struck.gone, members)
    home = {broker: member.name for member in members.by_name.values() for broker in member.brokers}

    def linked(one: int, other: int) -> bool:
        return struck.linked(home.get(one, ""), home.get(other, ""))

    return {
        partition: fate_of(partition, gone, linked, snapshot.least_in_sync.get(partition.topic, 1))
        for partition in snapshot.partitions
    }


def _topics(fates: Mapping[Partition, Fate], brokers: frozenset[int]) -> list[TopicHarm]:
    touched: dict[str, list[Fate]] = {}
    for partition, fate in fates.items():
        if fate != Fate() or brokers & set(partition.replicas):
            touched.setdefault(partition.topic, []).append(fate)
    harms = [
        TopicHarm(
            topic=topic,
            on_targets=len(each),
            lose_leader=sum(fate.loses_leader for fate in each),
            under_min_isr=sum(fate.falls_under_min_isr for fate in each),
            offline=sum(fate.goes_offline for fate in each),
        )
        for topic, each in touched.items()
    ]
    return sorted(
        harms, key=lambda harm: (-harm.offline, -harm.under_min_isr, -harm.lose_leader, harm.topic)
    )


def _groups(
    snapshot: ClusterSnapshot, fates: Mapping[Partition, Fate]
) -> tuple[list[str], list[str]]:
    """Return the groups whose coordinator is gone, and those that no other one can serve."""
    coordinators = {
        partition.number: fate
        for partition, fate in fates.items()
        if partition.topic == OFFSETS_TOPIC
    }
    move, stuck = [], []
    for group in sorted(snapshot.groups or ()):
        fate = coordinators.get(coordinating_partition(group, len(coordinators)), Fate())
        if fate.goes_offline or fate.falls_under_min_isr:
            stuck.append(group)
        elif fate.loses_leader:
            move.append(group)
    return move, stuck


def _notes(snapshot: ClusterSnapshot, fates: Mapping[Partition, Fate]) -> list[str]:
    notes = []
    unknown = {
        partition.topic for partition in fates if partition.topic not in snapshot.least_in_sync
    }
    if unknown:
        notes.append(
            f"min.insync.replicas of {len(unknown)} topics could not be read; 1 is supposed"
        )
    if snapshot.groups is None:
        notes.append("the consumer groups could not be listed")
    return notes


def _why_unknown(members: Members, struck: Struck, snapshot: ClusterSnapshot) -> str:
    """Say why the machines that are hit hard may carry more than is known, or nothing."""
    hit = struck.gone.union(*struck.cut)
    reasons = list(struck.unknown)
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
