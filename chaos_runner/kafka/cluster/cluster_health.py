"""Judge a snapshot of the cluster, and compare it with the one before. Pure.

Each answer is one broker's view. Successive answers may come from different brokers, and one
that is cut off from the controller answers with what it last knew; `answered_by` tells them
apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot, Partition
from chaos_runner.measurements.model import Health


@dataclass(frozen=True)
class Changes:
    """The partitions that changed from one snapshot to the next, counted over all topics."""

    leader_moves: int = 0
    isr_shrinks: int = 0
    isr_expands: int = 0


def health_of(
    snapshot: ClusterSnapshot,
    before: ClusterSnapshot | None,
    min_insync_replicas: Mapping[str, int],
    topic: str,
    partitions_of_topic: int,
    elapsed: float,
) -> Health:
    """Return the health over all topics; `topic` is the probe's own, whose leaders are told.

    Partitions that it has beyond those of the probe's start are nobody's here.

    `min_insync_replicas` maps topics to `min.insync.replicas`, as far as they are known.
    """
    partitions = snapshot.partitions
    changes = changes_between(before, snapshot)
    own_partitions = [own for own in snapshot.of_topic(topic) if own.number < partitions_of_topic]
    return Health(
        elapsed=elapsed,
        brokers=len(snapshot.brokers),
        broker_ids=sorted(snapshot.brokers),
        answered_by=snapshot.answered_by,
        under_replicated=sum(partition.under_replicated for partition in partitions),
        under_min_isr=count_under_min_isr(partitions, min_insync_replicas),
        offline=sum(partition.offline for partition in partitions),
        not_preferred=sum(partition.not_preferred for partition in partitions),
        leader_moves=changes.leader_moves,
        isr_shrinks=changes.isr_shrinks,
        isr_expands=changes.isr_expands,
        leaders={str(own.number): own.leader for own in own_partitions},
    )


def count_under_min_isr(
    partitions: Iterable[Partition], min_insync_replicas: Mapping[str, int]
) -> int | None:
    """Count the partitions that refuse `acks=all`; None when nobody can tell.

    A partition with all replicas in sync is never one of them, one with none always. Any other
    whose topic's limit is unknown leaves the count open; with some that are known to be below
    theirs, the count is the least that it can be.
    """
    count, doubt = 0, False
    for partition in partitions:
        if not partition.under_replicated:
            continue
        limit = min_insync_replicas.get(partition.topic)
        if len(partition.in_sync) < partition.needs(limit or 1):
            count += 1
        elif limit is None:
            doubt = True
    return count if count or not doubt else None


def changes_between(before: ClusterSnapshot | None, after: ClusterSnapshot) -> Changes:
    """Return what changed on partitions that both snapshots hold.

    A leader moves when another broker leads; a partition that merely loses its leader, or gets
    the same one back, does not count.
    """
    if before is None:
        return Changes()
    earlier = {(old.topic, old.number): old for old in before.partitions}
    pairs = [
        (earlier[new.topic, new.number], new)
        for new in after.partitions
        if (new.topic, new.number) in earlier
    ]
    return Changes(
        leader_moves=sum(not new.offline and old.leader != new.leader for old, new in pairs),
        isr_shrinks=sum(bool(set(old.in_sync) - set(new.in_sync)) for old, new in pairs),
        isr_expands=sum(bool(set(new.in_sync) - set(old.in_sync)) for old, new in pairs),
    )
