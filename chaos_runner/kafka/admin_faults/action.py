"""What a change of a cluster is, as its watchdog makes it: look, put on, see it, hold it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.kafka.admin_faults.configs import APPLY_LIMIT
from chaos_runner.measurements.cluster_fault import ClusterUndo
from chaos_runner.measurements.reading import Reading

Look = tuple[bool, tuple[Reading, ...]]
"""Whether a fault is on, and what was seen of it."""


class Action(ABC):
    """One change of a cluster, as its watchdog makes it.

    Methods raise ProbeError or UsageError.
    """

    effect_limit: float = APPLY_LIMIT
    """Seconds in which its effect is seen."""
    pause: float = 3600.0
    """Seconds between two calls of `go_on`."""

    @abstractmethod
    def prepare(self, cluster: Cluster, undo: ClusterUndo) -> ClusterUndo:
        """Return the undo with all that is to be restored; changes nothing."""

    @abstractmethod
    def apply(self, cluster: Cluster, undo: ClusterUndo) -> None:
        """Put it on."""

    @abstractmethod
    def effect(self, cluster: Cluster, undo: ClusterUndo, limit: float) -> Look:
        """Return whether it is on, and what was seen, after `limit` seconds at most."""

    def go_on(self, cluster: Cluster) -> None:
        """Do what has to be done now and then while it is held."""
        return

    def stop(self) -> None:
        """End what this process itself does, before the undo."""
        return
