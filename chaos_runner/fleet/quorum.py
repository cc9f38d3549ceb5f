"""Tell whether the KRaft controllers keep a majority under planned faults. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.fleet.kafka_members import KAFKA_CONTROLLER_GROUP, Members
from chaos_runner.fleet.strikes import Struck

QuorumState = Literal["holds", "breaks", "may break"]


class QuorumOutlook(BaseModel):
    """Hold whether the quorum lasts, and why in words."""

    model_config = ConfigDict(frozen=True)

    state: QuorumState
    text: str


def quorum_outlook(members: Members, struck: Struck) -> QuorumOutlook:
    """Return whether some voter still reaches a majority of all voters, itself included.

    Without a group of controllers nobody knows who votes. One machine of three or more is then
    supposed to be dispensable, which it is with three voters or more.
    """
    if not members.voters_known:
        return _guess(members, struck)
    voters = [member.name for member in members.kafka if member.voter]
    left = [name for name in voters if name not in struck.gone]
    majority = len(voters) // 2 + 1
    most = max((_reached(name, left, struck) for name in left), default=0)
    text = f"{most} of {len(voters)} voters stay together, {majority} are needed"
    return QuorumOutlook(state="holds" if most >= majority else "breaks", text=text)


def _reached(voter: str, left: list[str], struck: Struck) -> int:
    """Count the voters that a voter would lead, itself included."""
    return sum(other == voter or struck.linked(voter, other) for other in left)


def _guess(members: Members, struck: Struck) -> QuorumOutlook:
    kafka = {member.name for member in members.kafka}
    hit = (struck.gone & kafka).union(*struck.cut)
    unknown = f"the inventory has no group {KAFKA_CONTROLLER_GROUP}, so the voters are not known"
    if not hit:
        return QuorumOutlook(state="holds", text="no machine of the cluster is gone or cut off")
    if struck.cut or len(hit) > 1 or len(kafka) < 3:
        return QuorumOutlook(state="may break", text=unknown)
    return QuorumOutlook(state="holds", text=f"supposing three voters or more: {unknown}")
