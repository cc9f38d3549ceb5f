"""The base of the fault kinds that concern the Kafka cluster itself, and no host."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kind import FaultKind
from chaos_runner.measurements.cluster_fault import ClusterChange


class ClusterFault(FaultKind):
    """A disturbance of the cluster, made from the control node through Kafka's own interfaces.

    It has no role, and no host is touched. What takes it back is kept on the control node, by a
    process of its own and on disk.
    """

    has_role: ClassVar[bool] = False
    needs_words: ClassVar[str] = (
        "A fault of the cluster: no host is touched, and it needs nothing there."
    )
    of_brokers: ClassVar[bool] = True
    """Whether it concerns brokers, those on its targets, and not the whole cluster."""

    @abstractmethod
    def change(self) -> ClusterChange:
        """Return what is done to the cluster."""

    def disturbs_groups(self) -> tuple[str, ...]:
        """Return the consumer groups whose members it disturbs."""
        return ()

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the brokers concerned go on, and may be slower at something."""
        return DEGRADED
