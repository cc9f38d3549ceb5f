"""The blast radius of a plan for people, and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.blast_radius.blast_radius import BlastRadius

WORST_TOPICS = 10
"""Topics that are named; a cluster has thousands."""


def blast_lines(radius: BlastRadius) -> list[str]:
    """Return the lines of the plan that say whom the faults would hurt."""
    from chaos_runner.blast_radius.permission import listed

    disturbed = [f"  groups     their members are disturbed: {listed(radius.disturbed_groups)}"]
    disturbed = disturbed if radius.disturbed_groups else []
    if radius.quorum is None:
        return [f"  hurts      unknown: {radius.unknown}", *disturbed]
    lines = [
        f"  gone       {', '.join(radius.gone) or 'nobody'} of the Kafka hosts",
        f"  at risk    {', '.join(radius.at_risk) or 'nobody'}",
        f"  quorum     {radius.quorum.state}: {radius.quorum.text}",
        f"  partitions {radius.count('on_targets')} have a replica there: "
        f"{radius.count('lose_leader')} lose their leader, {radius.count('under_min_isr')} fall "
        f"below min.insync.replicas, {radius.count('offline')} go offline",
        f"  topics     {_topics(radius)}",
    ]
    lines += disturbed
    if radius.groups:
        lines.append(f"  groups     find another coordinator: {listed(radius.groups)}")
    if radius.stuck_groups:
        lines.append(f"  groups     cannot commit: {listed(radius.stuck_groups)}")
    if radius.unknown:
        lines.append(f"  hurts      not all is known: {radius.unknown}")
    return [*lines, *(f"  note       {note}" for note in radius.notes)]


def blast_json(radius: BlastRadius) -> dict[str, object]:
    """Return the blast radius with its counts and its ten worst topics."""
    if radius.quorum is None:
        told = {"unknown", "disturbed_groups"} if radius.disturbed_groups else {"unknown"}
        return radius.model_dump(include=told)
    return {
        **radius.model_dump(exclude={"topics"}),
        "partitions": {
            name: radius.count(name)
            for name in ("on_targets", "lose_leader", "under_min_isr", "offline")
        },
        "topics": len(radius.topics),
        "harmed_topics": radius.harmed_topics,
        "worst_topics": [topic.model_dump() for topic in radius.topics[:WORST_TOPICS]],
    }


def _topics(radius: BlastRadius) -> str:
    from chaos_runner.blast_radius.permission import harm_words

    if not radius.topics:
        return "none"
    named = radius.topics[:WORST_TOPICS]
    worst = "; ".join(f"{topic.topic} ({harm_words(topic)})" for topic in named)
    return f"{len(radius.topics)} on the targets, the worst: {worst}"
