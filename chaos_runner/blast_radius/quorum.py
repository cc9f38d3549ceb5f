"""Tell whether the KRaft controllers keep a majority under planned faults. Pure."""

from __future__ import annotations

from collections.abc import Set
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.blast_radius.fault_impact import FaultImpact
from chaos_runner.blast_radius.kafka_members import KAFKA_CONTROLLER_GROUP
from chaos_runner.blast_radius.members import Members

QuorumState = Literal["holds", "breaks", "may break"]


class QuorumImpact(BaseModel):
    """Whether the quorum lasts, and why in words."""

    model_config = ConfigDict(frozen=True)

    state: QuorumState
    text: str


def quorum_impact(members: Members, fault_impact: FaultImpact) -> QuorumImpact:
    """Return whether some voter still reaches a majority of all voters, itself included.

    Where the machines of some voters are not known, those count that are, as long as it is known
    which servers each machine has that is hit. Where nobody knows who votes, any machine of the
    cluster may be the only one that does.
    """
    hit = fault_impact.gone.union(*fault_impact.cut)
    voters = [member.name for member in members.kafka if member.voter]
    if members.voters_told and (all(members.voters_told.values()) or not members.voters_known):
        if not all(members.voters_told.values()) and not all(
            member.numbered for member in members.kafka if member.name in hit
        ):
            return _guess(members, hit)
        voters = [host or f"voter {voter}" for voter, host in members.voters_told.items()]
    if not voters:
        return _guess(members, hit)
    silent = members.silent_voters
    left = [name for name in voters if name not in fault_impact.gone | silent]
    majority = len(voters) // 2 + 1
    most = max((_reached(name, left, fault_impact) for name in left), default=0)
    text = f"{most} of {len(voters)} voters stay together, {majority} are needed"
    if silent:
        text += f"; not heard already: {', '.join(sorted(silent))}"
    return QuorumImpact(state="holds" if most >= majority else "breaks", text=text)


def _reached(voter: str, left: list[str], fault_impact: FaultImpact) -> int:
    """Count the voters that a voter would lead, itself included."""
    return sum(other == voter or fault_impact.linked(voter, other) for other in left)


def _guess(members: Members, hit: Set[str]) -> QuorumImpact:
    if not hit & {member.name for member in members.kafka}:
        return QuorumImpact(state="holds", text="no machine of the cluster is gone or cut off")
    text = (
        "the cluster does not tell who votes, nor do the servers on the hosts, and the inventory "
        f"has no group {KAFKA_CONTROLLER_GROUP} with all of them"
    )
    return QuorumImpact(state="may break", text=text)
