"""Say which machines the active controller no longer leads, and fences the brokers of. Pure.

A broker sends its heartbeats to the active controller alone, so that other controllers which it
still reaches are of no use to it. The active one stays where it reaches a majority; else another
that does takes over.
"""

from __future__ import annotations

from collections.abc import Set

from chaos_runner.blast_radius.members import Members


def fenced_machines(
    members: Members, gone: Set[str], unled: Set[frozenset[str]]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the machines that are fenced, and those of which nobody can tell whether they are.

    `unled` are the pairs of machines of which neither hears a controller on the other.
    """
    there = [member for member in members.kafka if member.name not in gone]
    voters = [member.name for member in members.kafka if member.voter]
    active = members.active_controller
    if not voters or members.kept_by_zookeeper or active == "":
        return frozenset(), frozenset()  # what a cut from all of them does is told elsewhere
    may_lead = [
        name
        for name in voters
        if name not in gone | members.silent_voters
        and _heard(name, voters, gone, unled) > len(voters) // 2
    ]
    if active in may_lead:
        may_lead = [active]
    lost = {
        member.name: sum(frozenset((member.name, leader)) in unled for leader in may_lead)
        for member in there
        if member.brokers or member.meant_as_broker or member.serves_unseen
    }
    fenced = frozenset(name for name, count in lost.items() if 0 < count == len(may_lead))
    return fenced, frozenset(name for name, count in lost.items() if 0 < count < len(may_lead))


def _heard(voter: str, voters: list[str], gone: Set[str], unled: Set[frozenset[str]]) -> int:
    """Count the voters that a voter hears, itself included."""
    return sum(other not in gone and frozenset((voter, other)) not in unled for other in voters)
