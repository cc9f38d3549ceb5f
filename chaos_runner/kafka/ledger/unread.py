"""Acked records of one partition that the reader has yet to pass.

They are kept as runs in which offset and sequence number rise together: a second of a healthy
partition is one run, whatever its rate.
"""

from __future__ import annotations

from typing import NamedTuple

from chaos_runner.kafka.ledger.buckets import Slot
from chaos_runner.kafka.ledger.record_span import NOWHERE, Run


class AckedRun(NamedTuple):
    """Acked records of one bucket, from `first` up to `end`, `offset - sequence` alike."""

    first: int
    end: int
    distance: int | None
    """None where the acks told no offset."""
    slot: Slot

    def offset_of(self, sequence: int) -> int:
        """Return where a record stands in the log, or NOWHERE."""
        return NOWHERE if self.distance is None else sequence + self.distance


class Unread:
    """What was acked, in the order of the acks, until the reader has passed it."""

    def __init__(self) -> None:
        self.runs: list[AckedRun] = []

    def __len__(self) -> int:
        return len(self.runs)

    def add(self, acked: Run) -> None:
        """Await acked records at their offsets."""
        distance = None if acked.offset == NOWHERE else acked.offset - acked.sequence
        run = AckedRun(acked.sequence, acked.end, distance, acked.slot)
        last = self.runs[-1] if self.runs else None
        if last and (last.end, last.distance, last.slot) == (run.first, distance, run.slot):
            self.runs[-1] = run._replace(first=last.first)
        else:
            self.runs.append(run)

    def take_passed(self, position: int, newest: int) -> list[AckedRun]:
        """Take out what the reader has passed that will read the offset `position` next.

        Where the acks told no offset, `newest`, the newest record that was read, tells so.
        """
        passed, left = [], []
        for run in self.runs:
            reached = newest if run.distance is None else position - run.distance
            end = min(run.end, max(run.first, reached))
            passed.append(run._replace(end=end))
            left.append(run._replace(first=end))
        self.runs = [run for run in left if run.first < run.end]
        return [run for run in passed if run.first < run.end]

    def take_all(self) -> list[AckedRun]:
        """Take everything out: the log has been read to its end."""
        runs, self.runs = self.runs, []
        return runs
