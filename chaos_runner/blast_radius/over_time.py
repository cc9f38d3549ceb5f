"""Take the worst of a course of faults: only what is on at one moment adds up. Pure.

A run keeps apart whatever is planned one after the other, however late it gets: the later fault
waits until the earlier is off. So faults are together only where their planned times overlap, and
some moment at which a fault begins shows each such set. A cluster that is still behind from an
earlier fault is looked at again before a later one is put on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from chaos_runner.blast_radius.blast_radius import BlastRadius, TopicHarm, blast_radius
from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.blast_radius.quorum import QuorumImpact
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot

_NOT_ADDED_UP = "what is never on together is not added up: the worst moment counts for each topic"


def radius_over_time(
    targeted: Sequence[TargetedHosts],
    inventory: Inventory,
    snapshot: ClusterSnapshot,
    facts: Mapping[str, PreflightFacts] | None = None,
) -> BlastRadius:
    """Return whom the faults would hurt at their worst moment for each of those."""
    return worst_of(
        [blast_radius(moment, inventory, snapshot, facts) for moment in moments_of(targeted)]
    )


def moments_of(targeted: Sequence[TargetedHosts]) -> list[tuple[TargetedHosts, ...]]:
    """Return every set of faults that are on together, none of which is a part of another."""
    sets = {
        frozenset(
            index
            for index, each in enumerate(targeted)
            if each.start <= begin.start < each.end or each is begin
        )
        for begin in targeted
    }
    largest = sorted(sorted(each) for each in sets if not any(each < other for other in sets))
    return [tuple(targeted[index] for index in each) for each in largest] or [()]


def worst_of(radii: Sequence[BlastRadius]) -> BlastRadius:
    """Return the worst that any of at least one blast radius says, for each it says it of."""
    if len(radii) == 1:
        return radii[0]
    stuck = _sorted(radius.stuck_groups for radius in radii)
    moved = _sorted(radius.groups for radius in radii)
    return BlastRadius(
        unknown="; ".join(_once([radius.unknown] for radius in radii if radius.unknown)),
        gone=_once(radius.gone for radius in radii),
        at_risk=_once(radius.at_risk for radius in radii),
        quorum=_worst_quorum(radii),
        topics=_worst_topics(radii),
        groups=[group for group in moved if group not in stuck],
        stuck_groups=stuck,
        notes=[*_once(radius.notes for radius in radii), _NOT_ADDED_UP],
    )


def _worst_quorum(radii: Iterable[BlastRadius]) -> QuorumImpact | None:
    known = [radius.quorum for radius in radii if radius.quorum is not None]
    order = ("breaks", "may break", "holds")
    return min(known, key=lambda quorum: order.index(quorum.state), default=None)


def _worst_topics(radii: Iterable[BlastRadius]) -> list[TopicHarm]:
    worst: dict[str, TopicHarm] = {}
    for harm in (topic for radius in radii for topic in radius.topics):
        known = worst.setdefault(harm.topic, harm)
        worst[harm.topic] = TopicHarm(
            topic=harm.topic,
            on_targets=max(known.on_targets, harm.on_targets),
            lose_leader=max(known.lose_leader, harm.lose_leader),
            under_min_isr=max(known.under_min_isr, harm.under_min_isr),
            offline=max(known.offline, harm.offline),
        )
    return sorted(
        worst.values(),
        key=lambda harm: (-harm.offline, -harm.under_min_isr, -harm.lose_leader, harm.topic),
    )


def _sorted(groups: Iterable[Sequence[str]]) -> list[str]:
    return sorted(_once(groups))


def _once(each: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(_flat(each)))


def _flat(each: Iterable[Sequence[str]]) -> Iterator[str]:
    for some in each:
        yield from some
