"""One partition's page of the ledger: a flag byte a record, behind a sliding frontier.

What has ended leaves memory. What may still turn up but is no longer awaited (an indeterminate
record that was not consumed, a suspect) is set aside, so that it holds nothing else back.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from chaos_runner.kafka.ledger.buckets import Slot
from chaos_runner.kafka.ledger.intervals import Intervals
from chaos_runner.kafka.ledger.offset_index import Places
from chaos_runner.kafka.ledger.outage import OutageWatch
from chaos_runner.kafka.ledger.record_span import NOWHERE, Run
from chaos_runner.kafka.ledger.unread import AckedRun, Unread

ACKED, UNKNOWN, SEEN, LOST = 1, 2, 4, 8

_ENDED = re.compile(rb"[\x05-\x0f]*")
"""Flags of records about which nothing more is awaited: sent and consumed, or lost."""
_NEVER_SEEN = re.compile(rb"\x02*")
_AWAITED = re.compile(rb"\x01")
_BOTH = ACKED | SEEN
_ODD = 0xFF
_RAISED = {
    flag: bytes([flag] + [_BOTH if before == _BOTH - flag else _ODD for before in range(1, 256)])
    for flag in (ACKED, SEEN)
}
"""For an ack and for a reading, what each flag byte becomes; _ODD where the record has a past
that needs a closer look."""


class Suspect(NamedTuple):
    """An acked record that the reader should have met and did not."""

    offset: int
    slot: Slot


class PartitionLedger:
    """What is known of one partition's records."""

    def __init__(self, start: int = 0) -> None:
        self._first = 0
        self._flags = bytearray()
        self._never_seen = Intervals()
        self._unread = Unread()
        self._newest: dict[int, int] = {}
        self._epoch = -1
        self.suspects: dict[int, Suspect] = {}
        """Acked, not consumed, and the reader has passed their offset; by sequence number."""
        self.position = start
        """The offset that the reader will read next."""
        self.acked_end = 0
        """One more than the highest acked offset."""
        self.places = Places()
        self.withdrawn = Intervals()
        """Consumed once, cut off later, and not found in the log since; filled by the drain."""
        self.outage = OutageWatch()

    @property
    def next_sequence(self) -> int:
        """Return the sequence number of the next accepted record."""
        return self._first + len(self._flags)

    @property
    def kept(self) -> int:
        """Return how many entries of all kinds are in memory."""
        sets = len(self._never_seen) + len(self._unread) + len(self.suspects) + len(self.places)
        return len(self._flags) + sets

    def accept(self, count: int) -> None:
        """Spend the next sequence numbers."""
        self._flags.extend(bytes(count))

    def mark(self, sequence: int, flag: int) -> int:
        """Set a flag and return the flags as they were before."""
        index = sequence - self._first
        if index >= 0:
            before = self._flags[index]
            self._flags[index] = before | flag
            return before
        if sequence in self.suspects:
            return ACKED
        return UNKNOWN if self._never_seen.discard(sequence) else ACKED | SEEN

    def await_read(self, acked: Run) -> None:
        """Await acked records at their offsets."""
        self._unread.add(acked)
        if acked.offset != NOWHERE:
            self.acked_end = max(self.acked_end, acked.offset + acked.length)

    def take_acks(self, run: Run) -> int | None:
        """Note acks if they hold no surprise, and return how many of the records had been read.

        Else return None: nothing is noted, and they have to be noted one by one.
        """
        flags = self._raised(run, ACKED)
        if flags is None or not (run.offset == NOWHERE or self._extends_places(run)):
            return None
        self._put(run, flags)
        self.await_read(run)
        return flags.count(_BOTH)

    def take_sights(self, run: Run) -> int | None:
        """Note readings if they hold no surprise, and return how many of the records were acked.

        Else return None: nothing is noted, and they have to be noted one by one.
        """
        flags = self._raised(run, SEEN)
        if (
            flags is None
            or run.offset < self.position
            or run.sequence < self._newest.get(run.session, NOWHERE)
            or self._is_suspected(run)
            or not self._extends_places(run)
        ):
            return None
        self._put(run, flags)
        self._newest[run.session] = run.end - 1
        return flags.count(_BOTH)

    def _raised(self, run: Run, flag: int) -> bytearray | None:
        """Return the flags of records with one more set; None where one has an odd past."""
        first = run.sequence - self._first
        if first < 0 or run.end > self.next_sequence:
            return None
        flags = self._flags[first : first + run.length].translate(_RAISED[flag])
        return None if _ODD in flags else flags

    def _put(self, run: Run, flags: bytearray) -> None:
        first = run.sequence - self._first
        self._flags[first : first + run.length] = flags

    def _is_suspected(self, run: Run) -> bool:
        suspects = self.suspects
        return bool(suspects) and not suspects.keys().isdisjoint(range(run.sequence, run.end))

    def _extends_places(self, run: Run) -> bool:
        return self.places.extend(run.offset, run.sequence, run.length)

    def is_overtaken(self, sequence: int, session: int) -> bool:
        """Tell at a first sight whether a later record of the session was read before."""
        if sequence < self._newest.get(session, NOWHERE):
            return True
        self._newest[session] = sequence
        return False

    def epoch_before(self, epoch: int) -> int | None:
        """Note a leader epoch further on in the log; return the one before, if it was higher."""
        before, self._epoch = self._epoch, epoch
        return before if epoch < before else None

    def suspect_passed(self) -> None:
        """Suspect every awaited record that the reader has passed.

        Where the ack told no offset, a later record that was read tells so.
        """
        newest = max(self._newest.values(), default=NOWHERE)
        for run in self._unread.take_passed(self.position, newest):
            self._suspect(run)

    def suspect_all(self) -> None:
        """Suspect every awaited record: the log has been read to its end."""
        for run in self._unread.take_all():
            self._suspect(run)

    def withdraw(self) -> None:
        """Take all that was consumed and cut off for withdrawn, until it is read again.

        What stands below the first known cut is not read again: a log that was cut off where
        nothing of this run had stood shows that only further on.
        """
        reached = 0
        for first, end in sorted((run.first, run.end) for run in self.places.cut_off):
            if end > reached:
                self.withdrawn.add(max(first, reached), end)
                reached = end
        for sequence in self.suspects:
            self.withdrawn.discard(sequence)
        read_again_from = min((run.offset for run in self.places.cut_off), default=0)
        for first, end in self.places.standing_below(read_again_from):
            self.withdrawn.remove(first, end)

    def slide(self) -> None:
        """Move the frontier over all that has ended, setting aside what may still turn up."""
        flags, index = self._flags, 0
        while index < len(flags):
            ended = _end_of(_ENDED, flags, index)
            never_seen = _end_of(_NEVER_SEEN, flags, ended)
            if never_seen > ended:
                self._never_seen.add(self._first + ended, self._first + never_seen)
                index = never_seen
            elif self._first + ended in self.suspects:
                index = ended + 1
            else:
                index = ended
                break
        self._first += index
        del flags[:index]

    def _suspect(self, run: AckedRun) -> None:
        first = max(run.first, self._first)
        if first < run.end:
            for found in _AWAITED.finditer(self._flags, first - self._first, run.end - self._first):
                sequence = self._first + found.start()
                self.suspects[sequence] = Suspect(run.offset_of(sequence), run.slot)


def _end_of(pattern: re.Pattern[bytes], flags: bytearray, start: int) -> int:
    found = pattern.match(flags, start)
    return start if found is None else found.end()
