"""The ledger: what became of every single record. Pure; times and offsets are handed in.

A send ends as acked, as indeterminate (any delivery error: the record may be in the log) or as
rejected (the client never took it: no sequence number is spent). A record is *suspected lost*
the moment the reader has passed its acked offset without seeing it, and *lost* only when a
second reader has looked and agrees (`settle`).

Instants, `now` among them, are nanoseconds of `time.monotonic_ns()`; latencies and waits count
from a record's scheduled instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from chaos_runner.kafka.ledger.anomalies import AnomalyCounts
from chaos_runner.kafka.ledger.buckets import Buckets, Slot
from chaos_runner.kafka.ledger.loss_cause import Cause
from chaos_runner.kafka.ledger.partition_ledger import ACKED, LOST, SEEN, UNKNOWN, PartitionLedger
from chaos_runner.kafka.ledger.record_header import ForeignRecord
from chaos_runner.kafka.ledger.record_span import NOWHERE, Run
from chaos_runner.measurements.histogram import add_waits
from chaos_runner.measurements.named_records import LostRecord, Truncation
from chaos_runner.measurements.schedule import NANOSECONDS, NANOSECONDS_PER_MILLISECOND, WARM_UP


class Ledger:
    """What became of every record of a run, over all partitions of the probe's topic."""

    def __init__(self, partitions: int, buckets: Buckets, starts: Sequence[int] = ()) -> None:
        """Begin with no record; `starts` are where the partitions end that are not new."""
        self.partitions = [PartitionLedger(start) for start in starts or [0] * partitions]
        self.buckets = buckets
        self.anomalies = AnomalyCounts()

    def next_sequence(self, partition: int) -> int:
        """Return the sequence number for the next record; only `accepted` spends it."""
        return self.partitions[partition].next_sequence

    def scheduled(self, partition: int, slot: Slot, instant: int, count: int = 1) -> None:
        """Note that slots of the schedule have come, the first of them at this instant."""
        self.buckets.schedule(slot).scheduled += count
        # While the clients are still connecting, gaps say nothing about the cluster.
        if slot.phase != WARM_UP:
            self.partitions[partition].outage.due(instant, count)

    def accepted(self, partition: int, count: int = 1) -> None:
        """Note that the client took the records with the next sequence numbers."""
        self.partitions[partition].accept(count)

    def rejected(self, partition: int, slot: Slot, instant: int, now: int, count: int = 1) -> None:
        """Note that records of scheduled slots, the last due at this instant, were never sent."""
        tally = self.buckets.at(slot)
        tally.rejected += count
        tally.note_no_ack((now - instant) / NANOSECONDS_PER_MILLISECOND, count)
        if slot.phase != WARM_UP:
            self.partitions[partition].outage.given_up(now, count)

    def acked(self, run: Run, now: int) -> None:
        """Note acks, and the offsets that they told.

        They came at this instant, unless the run tells when each did.
        """
        ledger = self.partitions[run.partition]
        seen = ledger.take_acks(run)
        if seen is None:
            seen = sum(map(self._take_ack, run.singles()))
        tally = self.buckets.at(run.slot)
        tally.acked += run.length
        tally.not_yet_consumed += run.length - seen
        add_waits(tally.ack, run.instants, run.arrivals or now)
        if run.slot.phase == WARM_UP:
            return
        if not run.arrivals:
            ledger.outage.acked(now, run.length)
        for arrival in run.arrivals:
            ledger.outage.acked(arrival)

    def _take_ack(self, single: Run) -> bool:
        """Note the ack of one record; return whether it had been read before."""
        ledger = self.partitions[single.partition]
        ledger.await_read(single)
        if single.offset != NOWHERE:
            other = ledger.places.note(single.offset, single.sequence)
            if other is not None:
                self._note_replaced(single, other, "record_acked")
        return bool(ledger.mark(single.sequence, ACKED) & SEEN)

    def indeterminate(
        self, partition: int, sequence: int, slot: Slot, instant: int, now: int
    ) -> None:
        """Note that nobody knows whether the record due at this instant was written."""
        ledger = self.partitions[partition]
        ledger.mark(sequence, UNKNOWN)
        tally = self.buckets.at(slot)
        tally.indeterminate += 1
        tally.note_no_ack((now - instant) / NANOSECONDS_PER_MILLISECOND)
        if slot.phase != WARM_UP:
            ledger.outage.given_up(now)

    def consumed(self, run: Run, now: int, *, epoch: int = -1, missed: bool = False) -> None:
        """Note what came back, written under a leader of this epoch.

        It came at this instant, unless the run tells when each record did. `missed` when the
        reader had missed it and a second one found it.
        """
        ledger = self.partitions[run.partition]
        acked = None if missed else ledger.take_sights(run)
        if acked is None:
            for single in run.singles():
                self._take_sight(single, now, epoch, missed=missed)
            return
        self.pass_by(run.partition, run.offset, epoch)
        ledger.position = run.offset + run.length
        tally = self.buckets.at(run.slot)
        tally.consumed += run.length
        tally.not_yet_consumed -= acked
        add_waits(tally.end_to_end, run.instants, run.arrivals or now)

    def _take_sight(self, single: Run, now: int, epoch: int, *, missed: bool) -> None:
        """Note that one record was read.

        Met again below the reader's position, it was read twice, not written twice.
        """
        ledger = self.partitions[single.partition]
        sequence, offset = single.sequence, single.offset
        if sequence >= ledger.next_sequence:
            self.phantom(single.partition, offset)
            return
        again = offset < ledger.position
        self.pass_by(single.partition, offset, epoch)
        other = ledger.places.note(offset, sequence)
        if other is not None:
            self._note_replaced(single, other, "record_read")
        before = ledger.mark(sequence, SEEN)
        if again:
            ledger.withdrawn.discard(sequence)
        if before & SEEN:
            if not again:
                self.buckets.at(single.slot).duplicates += 1
            return
        tally = self.buckets.at(single.slot)
        tally.consumed += 1
        if before & ACKED:
            tally.not_yet_consumed -= 1
            ledger.suspects.pop(sequence, None)
        self.anomalies.reader_missed += missed
        waits = tally.end_to_end_censored if missed else tally.end_to_end
        add_waits(waits, single.instants, single.arrivals or now)
        if ledger.is_overtaken(sequence, single.session) and not again:
            tally.reordered += 1

    def stranger(self, partition: int, offset: int, kind: ForeignRecord) -> None:
        """Note a record that is none of this run's, or comes back changed."""
        if offset >= self.partitions[partition].position:
            if kind is ForeignRecord.CORRUPT:
                self.anomalies.corrupt += 1
            else:
                self.anomalies.foreign += 1
        self.pass_by(partition, offset)

    def phantom(self, partition: int, offset: int) -> None:
        """Note a record with this run's header that cannot have been sent."""
        if offset >= self.partitions[partition].position:
            self.anomalies.phantom += 1
        self.pass_by(partition, offset)

    def pass_by(self, partition: int, offset: int, epoch: int = -1) -> None:
        """Note that the reader went past an offset, whatever stands there."""
        ledger = self.partitions[partition]
        if offset < ledger.position:
            return
        ledger.position = offset + 1
        if epoch >= 0:
            before = ledger.epoch_before(epoch)
            if before is not None:
                self.anomalies.note_truncation(
                    Truncation(
                        partition=partition,
                        offset=offset,
                        noticed="epoch_went_back",
                        epoch=epoch,
                        earlier_epoch=before,
                    )
                )

    @property
    def suspects(self) -> int:
        """Return the number of acked records that the reader has passed without seeing them."""
        return sum(len(ledger.suspects) for ledger in self.partitions)

    def look_for_suspects(self) -> None:
        """Suspect the awaited records that the reader has passed, and tidy up."""
        for ledger in self.partitions:
            ledger.suspect_passed()
            ledger.slide()

    def settle(self, partition: int, sequence: int, cause: Cause, now: int) -> None:
        """Note why a second reader did not find a suspect either: it is lost.

        One that retention removed is never consumed: nobody knows.
        """
        ledger = self.partitions[partition]
        self.anomalies.note_cause(cause)
        if cause is Cause.TRIMMED:
            return
        record = ledger.suspects.pop(sequence)
        ledger.mark(sequence, LOST)
        tally = self.buckets.at(record.slot)
        tally.not_yet_consumed -= 1
        tally.lost += 1
        tally.note_not_read(self.buckets.waited(record.slot, now / NANOSECONDS))
        tally.name_lost(LostRecord(partition=partition, sequence=sequence, offset=record.offset))

    def _note_replaced(
        self, single: Run, old: int, noticed: Literal["record_acked", "record_read"]
    ) -> None:
        self.anomalies.note_truncation(
            Truncation(
                partition=single.partition,
                offset=single.offset,
                noticed=noticed,
                record=single.sequence,
                earlier_record=old,
                acknowledged_to=self.partitions[single.partition].acked_end,
            )
        )
