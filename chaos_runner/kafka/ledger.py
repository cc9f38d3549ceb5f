"""The ledger: what became of every single record. Pure; times and offsets are handed in.

One flag byte a record. A send ends as acked, as unknown (any delivery error: the record may be
in the log) or as rejected (the client never took it: no sequence number is spent). A record is
*suspected lost* the moment the reader has passed its acked offset without seeing it, and
*lost* only when a second reader has looked and agrees (`confirm_lost`).
"""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.kafka.buckets import LOST_RECORDS_KEPT, Buckets, Slot

ACKED, UNKNOWN, SEEN, DUPLICATE, LOST = 1, 2, 4, 8, 16

_ENDED = bytes(
    flags for flags in range(32) if flags & LOST or (flags & SEEN and flags & (ACKED | UNKNOWN))
)
"""Flags of records about which nothing more is awaited."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """Remember an acked record that has not been seen yet."""

    offset: int
    slot: Slot


class PartitionLedger:
    """Hold the flags of one partition's records behind a sliding frontier."""

    def __init__(self) -> None:
        self._first = 0
        self._flags = bytearray()
        self._odd: dict[int, int] = {}
        self.awaited: dict[int, Awaited] = {}
        """Acked, unseen, and the reader has not passed their offset."""
        self.suspects: dict[int, Awaited] = {}
        """Acked, unseen, and the reader has passed their offset."""
        self.position = 0
        """The offset that the reader will read next."""
        self.acked_end = 0
        """One more than the highest acked offset."""

    @property
    def next_sequence(self) -> int:
        """Return the sequence number of the next accepted record."""
        return self._first + len(self._flags)

    def accept(self) -> None:
        """Spend the next sequence number."""
        self._flags.append(0)

    def flags(self, sequence: int) -> int:
        """Return a record's flags."""
        if sequence < self._first:
            return self._odd.get(sequence, ACKED | SEEN)
        return self._flags[sequence - self._first]

    def mark(self, sequence: int, flag: int) -> int:
        """Set a flag and return the flags as they were before."""
        before = self.flags(sequence)
        if sequence >= self._first:
            self._flags[sequence - self._first] = before | flag
        elif flag & SEEN:
            self._odd.pop(sequence, None)
        return before

    def suspect_passed(self) -> None:
        """Suspect every awaited record whose offset the reader has passed."""
        passed = [
            sequence for sequence, record in self.awaited.items() if record.offset < self.position
        ]
        for sequence in passed:
            self.suspects[sequence] = self.awaited.pop(sequence)

    def suspect_all(self) -> None:
        """Suspect every awaited record: the log ends before their offsets."""
        self.suspects.update(self.awaited)
        self.awaited.clear()

    def slide(self) -> None:
        """Move the frontier over ended records, keeping aside those that ended unseen.

        An unknown record that was never seen may still turn up, so its flags stay at hand.
        """
        while self._flags:
            left = self._flags.lstrip(_ENDED)
            self._first += len(self._flags) - len(left)
            self._flags = left
            if not left or left[0] != UNKNOWN:
                return
            self._odd[self._first] = left.pop(0)
            self._first += 1


class Ledger:
    """Keep account of every record of a run over all partitions of the probe's topic."""

    def __init__(self, partitions: int, buckets: Buckets) -> None:
        self.partitions = [PartitionLedger() for _ in range(partitions)]
        self.buckets = buckets
        self.phantoms = 0
        """Readings of records that this probe never sent."""

    def next_sequence(self, partition: int) -> int:
        """Return the sequence number for the next record; only `accepted` spends it."""
        return self.partitions[partition].next_sequence

    def scheduled(self, slot: Slot, count: int = 1) -> None:
        """Note that slots of the schedule have come."""
        self.buckets.schedule(slot).scheduled += count

    def accepted(self, partition: int) -> None:
        """Note that the client took the record with the next sequence number."""
        self.partitions[partition].accept()

    def rejected(self, slot: Slot, count: int = 1) -> None:
        """Note that records of scheduled slots were never sent."""
        self.buckets.at(slot).rejected += count

    def acked(
        self, partition: int, sequence: int, slot: Slot, offset: int, milliseconds: float
    ) -> None:
        """Note an ack with the record's offset, and its latency since the scheduled instant."""
        ledger = self.partitions[partition]
        tally = self.buckets.at(slot)
        tally.acked += 1
        tally.note_ack(milliseconds)
        ledger.acked_end = max(ledger.acked_end, offset + 1)
        if not ledger.mark(sequence, ACKED) & SEEN:
            tally.unseen += 1
            ledger.awaited[sequence] = Awaited(offset, slot)

    def unknown(self, partition: int, sequence: int, slot: Slot) -> None:
        """Note that nobody knows whether the record was written."""
        self.partitions[partition].mark(sequence, UNKNOWN)
        self.buckets.at(slot).unknown += 1

    def seen(
        self, partition: int, sequence: int, slot: Slot, offset: int, milliseconds: float | None
    ) -> None:
        """Note a reading; without a latency when it came from the second reader.

        A record met again below the reader's position was read twice, not written twice.
        """
        ledger = self.partitions[partition]
        again = offset < ledger.position
        ledger.position = max(ledger.position, offset + 1)
        if sequence >= ledger.next_sequence:
            self.phantoms += 1
            return
        before = ledger.mark(sequence, SEEN)
        if not before & SEEN:
            self._first_sight(ledger, sequence, slot, milliseconds)
        elif not again:
            ledger.mark(sequence, DUPLICATE)
            self.buckets.at(slot).duplicates += 1

    def pass_by(self, partition: int, offset: int) -> None:
        """Note that the reader went past an offset that holds no record of this run."""
        ledger = self.partitions[partition]
        ledger.position = max(ledger.position, offset + 1)

    @property
    def suspects(self) -> int:
        """Return the number of acked records that the reader has passed without seeing them."""
        return sum(len(ledger.suspects) for ledger in self.partitions)

    def look_for_suspects(self) -> None:
        """Suspect the awaited records that the reader has passed, and tidy up."""
        for ledger in self.partitions:
            ledger.suspect_passed()
            ledger.slide()

    def confirm_lost(self, partition: int, sequence: int) -> None:
        """Note that a second reader did not find a suspect either: it is lost."""
        ledger = self.partitions[partition]
        record = ledger.suspects.pop(sequence)
        ledger.mark(sequence, LOST)
        tally = self.buckets.at(record.slot)
        tally.unseen -= 1
        tally.lost += 1
        if len(tally.lost_records) < LOST_RECORDS_KEPT:
            tally.lost_records.append(f"{partition}:{sequence}@{record.offset}")

    def _first_sight(
        self, ledger: PartitionLedger, sequence: int, slot: Slot, milliseconds: float | None
    ) -> None:
        tally = self.buckets.at(slot)
        tally.seen += 1
        if milliseconds is not None:
            tally.note_end_to_end(milliseconds)
        awaited = ledger.awaited.pop(sequence, None) or ledger.suspects.pop(sequence, None)
        if awaited is not None:
            tally.unseen -= 1
