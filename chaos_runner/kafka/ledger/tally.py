"""Count what became of the records of one bucket: a second, a phase, an exposure group."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos_runner.measurements.histogram import add, bin_of
from chaos_runner.measurements.model import Counts, Histogram
from chaos_runner.measurements.named_records import LostRecord

LOST_RECORDS_KEPT = 100

COUNTERS = tuple(Counts.model_fields)


@dataclass(slots=True)
class Tally:
    """The counters of one bucket; words as in measures.Counts and measures.Totals."""

    scheduled: int = 0
    rejected: int = 0
    acked: int = 0
    indeterminate: int = 0
    consumed: int = 0
    duplicates: int = 0
    lost: int = 0
    not_yet_consumed: int = 0
    reordered: int = 0
    ack: Histogram = field(default_factory=dict)
    end_to_end: Histogram = field(default_factory=dict)
    ack_censored: Histogram = field(default_factory=dict)
    """Waits of records whose ack will not come any more; those of pending ones are not in it."""
    end_to_end_censored: Histogram = field(default_factory=dict)
    """Waits of records that the reader missed, or that are lost, not of those yet to come."""
    lost_records: list[LostRecord] = field(default_factory=list)
    changed: bool = False
    """Whether anything was counted since the bucket was last told."""
    told_at_age: float = 0.0
    """The bucket's age in seconds when it was last told."""

    @property
    def pending(self) -> int:
        """Return how many records wait for the end of their send."""
        return self.scheduled - self.rejected - self.acked - self.indeterminate

    @property
    def open_records(self) -> int:
        """Return how many records have not reached an end: not acked, or not consumed."""
        return self.pending + self.not_yet_consumed

    def note_no_ack(self, milliseconds: float, count: int = 1) -> None:
        """Count how long records waited for an ack until nobody waited any more."""
        _count(self.ack_censored, milliseconds, count)

    def note_not_read(self, milliseconds: float) -> None:
        """Count how long an acked record waited to be consumed until nobody waited any more."""
        _count(self.end_to_end_censored, milliseconds)

    def name_lost(self, record: LostRecord) -> None:
        """Name a lost record, unless a hundred are named already."""
        if len(self.lost_records) < LOST_RECORDS_KEPT:
            self.lost_records.append(record)

    def counts(self) -> dict[str, int]:
        """Return the plain counters by name."""
        return {name: getattr(self, name) for name in COUNTERS}

    def include(self, other: Tally) -> None:
        """Add another tally to this one."""
        for name in COUNTERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        add(self.ack, other.ack)
        add(self.end_to_end, other.end_to_end)
        add(self.ack_censored, other.ack_censored)
        add(self.end_to_end_censored, other.end_to_end_censored)
        self.lost_records = [*self.lost_records, *other.lost_records][:LOST_RECORDS_KEPT]

    def with_waits(self, milliseconds: float) -> Tally:
        """Return a copy in which open records count as waiting for at least so long."""
        whole = Tally()
        whole.include(self)
        wait = bin_of(milliseconds)
        if self.pending > 0:
            add(whole.ack_censored, {wait: self.pending})
        if self.not_yet_consumed > 0:
            add(whole.end_to_end_censored, {wait: self.not_yet_consumed})
        return whole


def _count(histogram: Histogram, milliseconds: float, count: int = 1) -> None:
    index = bin_of(milliseconds)
    histogram[index] = histogram.get(index, 0) + count
