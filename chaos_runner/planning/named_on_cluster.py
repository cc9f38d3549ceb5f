"""Look whether the topics and groups that a fault names are on the cluster at all. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.models import FaultEntry
from chaos_runner.faults import ClusterFault
from chaos_runner.measurements.cluster_fault import (
    MoveLeaders,
    RebalanceGroup,
    ThrottleReplication,
)
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot

_MOST_NAMED = 5
_EVERY_TOPIC = "*"
"""It matches the probe's own topic, too, which comes with the run."""


def notes_on_names(
    entry: FaultEntry, cluster: ClusterSnapshot | None, start: float = 0.0
) -> list[str]:
    """Return what a fault names and the cluster does not show, and what follows from that.

    Raises RefusedError where a group that is to be rebalanced, or a topic of it, is not there.
    What the probe's user may not see is only told, since it may be there; what a later fault
    names, which starts that many seconds after the first, since it may come.
    """
    if cluster is None:
        return []
    options, notes = entry.options, list(_on_coordinator(entry.targets.coordinator_of, cluster))
    change = options.change() if isinstance(options, ClusterFault) else None
    match change:
        case MoveLeaders() | ThrottleReplication():
            notes += _missing_topics(change.topics, cluster)
        case RebalanceGroup():
            missing = [*_missing_group(change.group, cluster)]
            missing += _missing_topics(change.topics, cluster)
            if missing and not (cluster.partial or start):
                raise RefusedError(
                    f"{options.kind} would do nothing: {'; '.join(missing)}",
                    "write the names as Kafka does, and start the group's consumers first",
                )
            notes += missing
    return notes


def _on_coordinator(group: str | None, cluster: ClusterSnapshot) -> Iterator[str]:
    for each in _missing_group(group, cluster) if group is not None else ():
        yield (
            f"{each}; the target would coordinate it, and no member of it could notice the fault: "
            "write its name as Kafka does, or start its consumers"
        )


def _missing_group(group: str, cluster: ClusterSnapshot) -> Iterator[str]:
    if cluster.groups is None or group in cluster.groups:
        return
    others = ", ".join(cluster.groups[:_MOST_NAMED]) or "none"
    more = ", …" if len(cluster.groups) > _MOST_NAMED else ""
    yield f"the cluster shows no consumer group `{group}` (its groups: {others}{more})"


def _missing_topics(patterns: tuple[str, ...], cluster: ClusterSnapshot) -> Iterator[str]:
    known = {partition.topic for partition in cluster.partitions}
    for pattern in patterns:
        if pattern != _EVERY_TOPIC and not any(fnmatchcase(topic, pattern) for topic in known):
            yield f"the cluster shows no topic `{pattern}`"
