"""A slow, obvious model of the ledger: it remembers everything and counts by walking over it."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos_runner.kafka.ledger.buckets import Slot


@dataclass(eq=False)
class ModelRecord:
    """All that ever happened to one record."""

    partition: int
    sequence: int
    session: int
    slot: Slot
    state: str = "pending"
    written: int | None = None
    """Where the broker wrote it before the send's end; it may have been read since."""
    offset: int | None = None
    """Where its ack said it is; None without an ack, or where the ack told nothing."""
    missed: bool = False
    """The reader passed it, and a second one found it."""
    impact: str = ""
    """Why it is not in the log, once a second reader has looked."""


@dataclass
class Reading:
    """The reader met a record, or something else, at an offset."""

    offset: int
    record: ModelRecord | None


@dataclass
class Model:
    """Every record and every reading, for ever."""

    partitions: int
    records: list[ModelRecord] = field(default_factory=list)
    rejected: list[Slot] = field(default_factory=list)
    readings: list[list[Reading]] = field(init=False)
    told: list[list[tuple[int, int]]] = field(init=False)
    """By partition, each offset and sequence number that an ack or a reading told."""

    def __post_init__(self) -> None:
        self.readings = [[] for _ in range(self.partitions)]
        self.told = [[] for _ in range(self.partitions)]

    def was_read(self, record: ModelRecord) -> bool:
        return any(reading.record is record for reading in self.readings[record.partition])

    def is_seen(self, record: ModelRecord) -> bool:
        return record.missed or self.was_read(record)

    def duplicates(self, record: ModelRecord) -> int:
        return sum(
            1
            for number, reading in enumerate(self.readings[record.partition])
            if reading.record is record
            and self._met_before(record, number)
            and self._goes_on(record.partition, number)
        )

    def is_reordered(self, record: ModelRecord) -> bool:
        readings = self.readings[record.partition]
        for number, reading in enumerate(readings):
            if reading.record is record:
                return self._goes_on(record.partition, number) and any(
                    other.record is not None
                    and other.record.session == record.session
                    and other.record.sequence > record.sequence
                    for other in readings[:number]
                )
        return False

    def is_truncation_told(self) -> bool:
        return any(
            offset == other and sequence != another
            for told in self.told
            for offset, sequence in told
            for other, another in told
        )

    def passed_unseen(self, partition: int) -> set[int]:
        """Return the acked records that the reader ought to have met by now."""
        readings = self.readings[partition]
        furthest = max((reading.offset for reading in readings), default=-1)
        newest = max((one.record.sequence for one in readings if one.record), default=-1)
        return {
            record.sequence
            for record in self.records
            if record.partition == partition
            and record.state == "acked"
            and not self.is_seen(record)
            and (record.sequence < newest if record.offset is None else record.offset <= furthest)
        }

    def counts(self, phase: str, group: str) -> dict[str, int]:
        records = [one for one in self.records if one.slot[1:] == (phase, group)]
        rejected = sum(slot[1:] == (phase, group) for slot in self.rejected)
        acked = [one for one in records if one.state == "acked"]
        lost = [one for one in acked if one.impact not in ("", "trimmed")]
        unseen = [one for one in acked if not self.is_seen(one) and one not in lost]
        unknown = sum(one.state == "unknown" for one in records)
        return {
            "scheduled": len(records) + rejected,
            "rejected": rejected,
            "acked": len(acked),
            "indeterminate": unknown,
            "consumed": sum(self.is_seen(one) for one in records),
            "duplicates": sum(self.duplicates(one) for one in records),
            "reordered": sum(self.is_reordered(one) for one in records),
            "lost": len(lost),
            "not_yet_consumed": len(unseen),
            "ack": len(acked),
            "ack_censored": rejected + len(records) - len(acked),
            "end_to_end": sum(self.was_read(one) for one in records),
            "end_to_end_censored": len(lost) + len(unseen) + sum(one.missed for one in records),
        }

    def _met_before(self, record: ModelRecord, number: int) -> bool:
        return any(other.record is record for other in self.readings[record.partition][:number])

    def _goes_on(self, partition: int, number: int) -> bool:
        """Tell whether a reading went further in the log than all before it."""
        readings = self.readings[partition]
        return all(other.offset < readings[number].offset for other in readings[:number])
