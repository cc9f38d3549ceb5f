"""Close the account: wait for every send's end, read to the end of the log, arbitrate losses.

Reading stops at a target offset, never at a pause: max(end offset, highest acked offset + 1).
No single source is trusted for it. Where the reader cannot get there, a second reader reads the
rest, and what it finds was missed by the first. What neither can reach leaves the account
incomplete, and an incomplete account is never a verdict.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from chaos_runner.kafka.consuming.log_bounds import Bounds, reread_from
from chaos_runner.kafka.consuming.second_reader import InconclusiveSearchError, SecondReader
from chaos_runner.kafka.ledger.loss_cause import Cause, cause_of
from chaos_runner.kafka.ledger.partition_ledger import PartitionLedger
from chaos_runner.kafka.probe.drain_progress import Course
from chaos_runner.kafka.probe.engine import Engine
from chaos_runner.measurements.named_records import Truncation

FLUSH_SHARE = 0.5
"""Share of the limit that is given to sends still under way."""
READ_SHARE = 0.8
"""Share of the limit after which the second reader takes over from a reader that is behind."""
SEARCH_SECONDS = 10.0
"""What the second reader gets at least, for all partitions together."""


@dataclass(slots=True)
class Drain:
    """The drain of one probe within `limit` seconds; `reasons` says what stayed open."""

    engine: Engine
    second_reader: SecondReader
    limit: float
    wait_for: Callable[[str], object] = bool
    """Called with what is waited for, again and again."""
    reasons: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _search_until: float = 0.0

    def run(self) -> None:
        """Drain, and confirm or clear every suspect."""
        self._end_sends()
        ledger = self.engine.ledger
        courses = [Course(number, page) for number, page in enumerate(ledger.partitions)]
        self._read_on(courses)
        self._search_until = max(self._began + self.limit, time.monotonic() + SEARCH_SECONDS)
        for course in courses:
            is_blind = course.number in self.engine.blind
            if (course.is_reached and not is_blind) or self._take_over(course):
                course.ledger.suspect_all()
                self._look_for_withdrawn(course)
        for course in courses:
            if course.ledger.suspects:
                self._arbitrate(course.number, course.ledger)
        ledger.look_for_suspects()
        self.engine.tell_changed()

    def _end_sends(self) -> None:
        sender = self.engine.sender
        sender.stop()
        while sender.open_records and time.monotonic() < self._began + FLUSH_SHARE * self.limit:
            self.wait_for(f"{sender.open_records} records to be acknowledged")
            self.engine.tick()
        sender.give_up()

    def _read_on(self, courses: list[Course]) -> None:
        """Let the reader read until every partition is at its end, or will not get there."""
        waiting = list(courses)
        until = self._began + READ_SHARE * self.limit
        while waiting and time.monotonic() < until:
            self.wait_for(f"{len(waiting)} partitions to be read to their end")
            self.engine.tick()
            for course in waiting:
                now = time.monotonic()
                if now < until and course.wants_end(now):
                    bounds = self.second_reader.bounds(course.number, until - now)
                    course.note_end(None if bounds is None else bounds.end, time.monotonic())
            waiting = [course for course in waiting if not self._is_decided(course)]

    def _is_decided(self, course: Course) -> bool:
        if course.is_reached or course.is_truncated(time.monotonic()):
            return True
        is_blind = course.number in self.engine.blind
        return is_blind and course.end is not None and course.end >= course.ledger.acked_end

    def _take_over(self, course: Course) -> bool:
        """Read the rest of a partition that the reader could not; return whether it is read."""
        number, ledger = course.number, course.ledger
        blind = self.engine.blind.get(number)
        why = blind or course.why_not(self.limit)
        missed_before = self.engine.ledger.anomalies.reader_missed
        try:
            bounds = self._bounds(number)
            self._note_shorter(number, bounds, ledger)
            if bounds.low > ledger.position:
                self.engine.ledger.pass_by(number, bounds.low - 1)
            first = min(ledger.position, bounds.end)
            again = reread_from(ledger.position, bounds)
            self._search(number, again if blind else first, bounds, ledger)
        except InconclusiveSearchError as error:
            self.reasons.append(f"partition {number}: {why}; {error}")
            return False
        if ledger.position < ledger.acked_end and not course.is_truncated(time.monotonic()):
            self.reasons.append(f"partition {number}: {course.why_not(self.limit)}")
            return False
        missed = self.engine.ledger.anomalies.reader_missed - missed_before
        if missed or blind:
            self.engine.notices.tell(
                "warning",
                f"the reader did not finish partition {number} ({why}); a second reader did, and "
                f"found {missed} records that the first had missed",
            )
        return True

    def _note_shorter(self, number: int, bounds: Bounds, ledger: PartitionLedger) -> None:
        if bounds.end < max(ledger.position, ledger.acked_end):
            self.engine.ledger.anomalies.note_truncation(
                Truncation(
                    partition=number,
                    offset=bounds.end,
                    noticed="log_ended",
                    read_to=ledger.position,
                    acknowledged_to=ledger.acked_end,
                )
            )

    def _look_for_withdrawn(self, course: Course) -> None:
        """Look whether what was consumed from a part of the log that was cut off still stands."""
        number, ledger = course.number, course.ledger
        if course.end is not None and course.end < ledger.position:
            ledger.places.cut(course.end)
        if not ledger.places.cut_off:
            return
        ledger.withdraw()
        try:
            bounds = self._bounds(number)
            first = max(bounds.low, min(run.offset for run in ledger.places.cut_off))
            self._search(number, min(first, bounds.end), bounds, ledger)
        except InconclusiveSearchError as error:
            self.reasons.append(f"partition {number}: its log was cut off, and {error}")
            return
        if gone := ledger.withdrawn.numbers:
            self.engine.ledger.anomalies.withdrawn += gone
            self.reasons.append(
                f"partition {number}: its log was cut off, and {gone} records that had been "
                "consumed before do not stand in it any more"
            )

    def _arbitrate(self, number: int, ledger: PartitionLedger) -> None:
        missed_before = self.engine.ledger.anomalies.reader_missed
        offsets = {record.offset for record in ledger.suspects.values()}
        try:
            bounds = self._bounds(number)
            first = max(bounds.low, min(offsets))
            occupied, end = self._search(number, min(first, bounds.end), bounds, ledger, offsets)
        except InconclusiveSearchError as error:
            self.reasons.append(
                f"partition {number}: {len(ledger.suspects)} records that the reader did not see "
                f"could not be looked up: {error}"
            )
            return
        self._tell_missed(number, self.engine.ledger.anomalies.reader_missed - missed_before)
        trimmed = 0
        for sequence, record in sorted(ledger.suspects.items()):
            cause = cause_of(record.offset, bounds.low, end, occupied)
            trimmed += cause is Cause.TRIMMED
            self.engine.ledger.settle(number, sequence, cause, time.monotonic_ns())
        if trimmed:
            self.reasons.append(
                f"partition {number}: retention removed {trimmed} acked records before they were "
                "read, so nobody knows whether they were safe"
            )

    def _search(
        self,
        number: int,
        first: int,
        bounds: Bounds,
        ledger: PartitionLedger,
        offsets: frozenset[int] | set[int] = frozenset(),
    ) -> tuple[set[int], int]:
        """Read from `first` to the end; return which offsets hold a record, and the end."""
        occupied: set[int] = set()
        end = bounds.end
        self.wait_for(f"a second reader of partition {number}")
        readings = self.second_reader.read(
            number, first, bounds.end, ledger.acked_end, self._search_until
        )
        for reading in readings:
            self.engine.note_reading(reading, missed=True)
            end = max(end, reading.offsets[-1] + 1)
            occupied.update(offsets.intersection(reading.offsets))
        return occupied, end

    def _bounds(self, number: int) -> Bounds:
        bounds = self.second_reader.bounds(number, self._search_until - time.monotonic())
        if bounds is None:
            raise InconclusiveSearchError("its leader does not tell where the log begins and ends")
        return bounds

    def _tell_missed(self, number: int, missed: int) -> None:
        if missed:
            self.engine.notices.tell(
                "warning",
                f"the reader missed {missed} records of partition {number} that a second reader "
                "found: a fault of the client, not a loss",
            )
