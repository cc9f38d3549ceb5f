"""What the targets of the faults mean to a partition, and what to call that towards people."""

from __future__ import annotations

from enum import StrEnum


class Exposure(StrEnum):
    """The group that a partition is in, by where its replicas lie."""

    ALL = ""
    """There are no targets, and so no groups."""
    LEADER = "leader"
    """Its preferred leader lies on a target."""
    FOLLOWER = "follower"
    """A target has a replica of it, and does not lead it."""
    NONE = "none"
    """No target has a replica of it: the control group."""

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
