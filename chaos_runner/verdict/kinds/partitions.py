"""Partitions that are not as they should be, as the cluster says."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from chaos_runner.measurements.model import Health
from chaos_runner.measurements.reason import ReasonCode
from chaos_runner.verdict.families.worst_answer import WorstCount


class _Partitions(WorstCount):
    """At most so many partitions may be in a bad state."""

    written = Annotated[int, Field(ge=0, le=1_000_000)]
    unit = "partitions"
    unknown: ClassVar[ReasonCode] = "no_health_answer"

    @classmethod
    def hidden(cls, answer: Health) -> str:
        """Return that topics may be hidden from whoever asks."""
        return answer.partial


class UnderReplicatedPartitions(_Partitions):
    """At most this many partitions of the cluster may lack a replica in sync."""

    key = "under_replicated_partitions"
    judged_by = "partitions that lack a replica in sync"
    rank = 20

    @classmethod
    def count(cls, answer: Health) -> int | None:
        """Return the under-replicated ones."""
        return answer.under_replicated


class UnderMinIsrPartitions(_Partitions):
    """At most this many partitions may have fewer replicas in sync than `acks=all` needs."""

    key = "under_min_isr_partitions"
    judged_by = "partitions with fewer replicas in sync than `min.insync.replicas`"
    rank = 21
    unknown = "min_isr_unknown"

    @classmethod
    def count(cls, answer: Health) -> int | None:
        """Return those below `min.insync.replicas`, where that is known."""
        return answer.under_min_isr


class OfflinePartitions(_Partitions):
    """At most this many partitions may be without a leader."""

    key = "offline_partitions"
    judged_by = "partitions without a leader"
    rank = 22

    @classmethod
    def count(cls, answer: Health) -> int | None:
        """Return those without a leader."""
        return answer.offline
