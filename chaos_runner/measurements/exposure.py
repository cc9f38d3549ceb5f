"""What the faults mean to a partition, what to call that, and which machines each fault reaches."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Exposure(StrEnum):
    """The group that a partition is in, by where its replicas lie."""

    ALL = ""
    """There are no targets, and so no groups."""
    LEADER = "leader"
    """It is led on a machine that a fault hits."""
    FOLLOWER = "follower"
    """Another replica of it is on such a machine, or a fault lies between two of its replicas."""
    NONE = "none"
    """No fault reaches it: the control group."""

    @property
    def label(self) -> str:
        """Return what the group is called, as the head of a column."""
        return _LABELS[self]

    @property
    def partitions(self) -> str:
        """Return what its partitions are called in a sentence."""
        return _PARTITIONS[self]


GROUPS = (Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE)
"""The groups of a run with targets, the most exposed first."""

_LABELS = {
    Exposure.ALL: "all partitions",
    Exposure.LEADER: "led by a target",
    Exposure.FOLLOWER: "replicated on a target",
    Exposure.NONE: "control group",
}
_PARTITIONS = {
    Exposure.ALL: "all partitions",
    Exposure.LEADER: "partitions led by a target",
    Exposure.FOLLOWER: "partitions replicated on a target",
    Exposure.NONE: "partitions of the control group",
}


class FaultReach(BaseModel):
    """The machines of a cluster that one fault reaches, each by its names and addresses."""

    model_config = ConfigDict(frozen=True)

    fault: str
    hit: list[list[str]] = []
    """Those that it hits as a whole, or keeps from whoever may lead the controllers."""
    between: list[tuple[list[str], list[str]]] = []
    """Pairs of which it hits only what they send each other."""
    meant_for_brokers: bool = False
    """Whether a target of it is there to serve as a broker."""
