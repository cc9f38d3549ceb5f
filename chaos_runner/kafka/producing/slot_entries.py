"""Enter a partition's slots into the ledger: each came due, and some were never taken."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from chaos_runner.kafka.ledger.buckets import Slot
from chaos_runner.kafka.producing.group_producer import GroupProducer


class SlotEntries:
    """What one partition's sender enters of its slots, before anything of them was acknowledged."""

    def __init__(self, partition: int, group_producer: GroupProducer) -> None:
        self._partition = partition
        self._group_producer = group_producer
        self._due = range(0)
        """Slots that are yet to be entered: together they cost less."""

    def come_due(self, slots: range) -> None:
        """Keep the next slots that have come due until `note_due`."""
        self._due = range((self._due or slots).start, slots.stop, slots.step)

    def note_due(self) -> None:
        """Enter the slots that have come due."""
        slots, self._due = self._due, range(0)
        group_producer = self._group_producer
        for slot, part in self._buckets(slots):
            first = group_producer.schedule.due(part[0])
            group_producer.ledger.scheduled(self._partition, slot, first, len(part))

    def reject(self, slots: range, words: str) -> None:
        """Enter slots whose records were never sent, and tell why."""
        self.note_rejected(slots)
        self.tell_rejected(words)

    def note_rejected(self, slots: range) -> None:
        """Enter slots whose records were never sent."""
        self.note_due()
        group_producer = self._group_producer
        now = group_producer.clock()
        for slot, part in self._buckets(slots):
            last = group_producer.schedule.due(part[-1])
            group_producer.ledger.rejected(self._partition, slot, last, now, len(part))

    def tell_rejected(self, words: str) -> None:
        """Tell why the producer takes no more."""
        self._group_producer.notices.tell(
            "warning", f"the producer takes no more records: {words}", "rejected"
        )

    def note_indeterminate(self, slot: int, sequence: int) -> None:
        """Enter a slot whose record spent its number, and may or may not be written."""
        group_producer = self._group_producer
        instant = group_producer.schedule.due(slot)
        group_producer.ledger.indeterminate(
            self._partition, sequence, self._bucket(slot), instant, group_producer.clock()
        )

    def _buckets(self, slots: range) -> Iterator[tuple[Slot, range]]:
        """Yield the buckets in which slots lie, each with those that do."""
        while slots:
            first, last = self._second_and_phase(slots[0]), self._second_and_phase(slots[-1])
            count = len(slots)
            if last != first:
                count = bisect_right(slots, first, key=self._second_and_phase)
            yield self._bucket(slots[0]), slots[:count]
            slots = slots[count:]

    def _second_and_phase(self, number: int) -> tuple[int, int]:
        """Return what tells a slot's bucket, and rises from slot to slot."""
        schedule = self._group_producer.schedule
        return schedule.second_of(schedule.due(number)), schedule.phase_of(number)

    def _bucket(self, number: int) -> Slot:
        schedule = self._group_producer.schedule
        return self._group_producer.slot_of(schedule.due(number), schedule.phase_of(number))
