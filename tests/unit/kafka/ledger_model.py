"""A slow, obvious model of the ledger, and a cluster that misbehaves as hypothesis likes."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos_runner.kafka.buckets import Slot


@dataclass
class ModelRecord:
    """Remember all that ever happened to one record."""

    partition: int
    sequence: int
    slot: Slot
    state: str = "pending"
    offset: int | None = None
    readings: int = 0
    lost: bool = False


@dataclass
class Model:
    """Keep every record for ever and count by walking over all of them."""

    records: list[ModelRecord] = field(default_factory=list)
    rejected: list[Slot] = field(default_factory=list)

    def counts(self, phase: str) -> dict[str, int]:
        records = [record for record in self.records if record.slot.phase == phase]
        rejected = sum(slot.phase == phase for slot in self.rejected)
        return {
            "scheduled": len(records) + rejected,
            "rejected": rejected,
            "acked": sum(record.state == "acked" for record in records),
            "unknown": sum(record.state == "unknown" for record in records),
            "seen": sum(record.readings > 0 for record in records),
            "duplicates": sum(max(0, record.readings - 1) for record in records),
            "lost": sum(record.lost for record in records),
            "unseen": sum(
                record.state == "acked" and not record.readings and not record.lost
                for record in records
            ),
        }
