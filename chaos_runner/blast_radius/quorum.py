"""Tell whether the KRaft controllers keep a majority under planned faults. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.blast_radius.fault_impact import FaultImpact
from chaos_runner.blast_radius.kafka_members import KAFKA_CONTROLLER_GROUP, Members

QuorumState = Literal["holds", "breaks", "may break"]


class QuorumImpact(BaseModel):
    """Whether the quorum lasts, and why in words."""

    model_config = ConfigDict(frozen=True)

    state: QuorumState
    text: str


def quorum_impact(members: Members, fault_impact: FaultImpact) -> QuorumImpact:
    """Return whether some voter still reaches a majority of all voters, itself included.

    Without a group of controllers those count that the servers on the hosts tell of, where it is
    known which of them each machine is that is hit. Else nobody knows who votes. One machine of
    three or more is then supposed to be dispensable, which it is with three voters or more.
    """
    voters = [member.name for member in members.kafka if member.voter]
    if not members.voters_known:
        hit = fault_impact.gone.union(*fault_impact.cut)
        if not all(member.numbered for member in members.kafka if member.name in hit):
            return _guess(members, fault_impact)
        voters = [host or f"voter {voter}" for voter, host in members.voters_told.items()]
    if not voters:
        return _guess(members, fault_impact)
    left = [name for name in voters if name not in fault_impact.gone]
    majority = len(voters) // 2 + 1
    most = max((_reached(name, left, fault_impact) for name in left), default=0)
    text = f"{most} of {len(voters)} voters stay together, {majority} are needed"
    return QuorumImpact(state="holds" if most >= majority else "breaks", text=text)


def _reached(voter: str, left: list[str], fault_impact: FaultImpact) -> int:
    """Count the voters that a voter would lead, itself included."""
    return sum(other == voter or fault_impact.linked(voter, other) for other in left)


def _guess(members: Members, fault_impact: FaultImpact) -> QuorumImpact:
    kafka = {member.name for member in members.kafka}
    hit = (fault_impact.gone & kafka).union(*fault_impact.cut)
    unknown = f"the inventory has no group {KAFKA_CONTROLLER_GROUP}, so the voters are not known"
    if not hit:
        return QuorumImpact(state="holds", text="no machine of the cluster is gone or cut off")
    if fault_impact.cut or len(hit) > 1 or len(kafka) < 3:
        return QuorumImpact(state="may break", text=unknown)
    return QuorumImpact(state="holds", text=f"supposing three voters or more: {unknown}")
