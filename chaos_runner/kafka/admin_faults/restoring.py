"""Decide what takes a fault of a cluster back, from what is there now. Pure.

Only what still has the fault's own value is changed: what somebody else has set meanwhile stays,
and is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chaos_runner.measurements.cluster_fault import ConfigBefore, ReplicasBefore

Place = tuple[str, str, str]
"""Broker or topic, its name, and the key of a configuration."""


@dataclass(frozen=True)
class Restoring:
    """What to change, and what must be left as somebody else made it."""

    configs: tuple[ConfigBefore, ...] = ()
    """Those that still have the fault's value."""
    replicas: tuple[ReplicasBefore, ...] = ()
    differences: tuple[str, ...] = ()

    @property
    def needed(self) -> bool:
        """Tell whether anything of the fault is still there."""
        return bool(self.configs or self.replicas)


def place_of(entry: ConfigBefore) -> Place:
    """Return where an entry stands."""
    return entry.resource, entry.name, entry.key


def restoring(
    configs: Iterable[ConfigBefore],
    replicas: Iterable[ReplicasBefore],
    values: Mapping[Place, str | None],
    orders: Mapping[tuple[str, int], tuple[int, ...]],
) -> Restoring:
    """Return what is left to do; a topic that is gone, and so in neither mapping, needs nothing."""
    ours: list[ConfigBefore] = []
    moved: list[ReplicasBefore] = []
    differences: list[str] = []
    for entry in configs:
        place = place_of(entry)
        if place not in values or values[place] == entry.before:
            continue
        if values[place] == entry.during:
            ours.append(entry)
        else:
            differences.append(
                f"{entry} was {_shown(entry.before)}, is {_shown(values[place])} by somebody else"
            )
    for each in replicas:
        order = orders.get((each.topic, each.partition))
        if order is None or order == each.before:
            continue
        if order in (each.during, each.returning):
            moved.append(each)
        else:
            differences.append(
                f"{each} had the replicas {_listed(each.before)}, has {_listed(order)} by "
                "somebody else"
            )
    return Restoring(tuple(ours), tuple(moved), tuple(differences))


def _shown(value: str | None) -> str:
    return "not set" if value is None else f"`{value}`"


def _listed(brokers: Iterable[int]) -> str:
    return ",".join(map(str, brokers))
