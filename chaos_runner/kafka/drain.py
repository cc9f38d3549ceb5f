"""Close the account: wait for every send's end, read to the end of the log, arbitrate losses.

Reading stops at a target offset, never at a pause: max(end offset, highest acked offset + 1).
No single source is trusted for it. What cannot be reached leaves the account incomplete, and
an incomplete account is never a verdict.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from chaos_runner.kafka.engine import Engine
from chaos_runner.kafka.identity import Stranger
from chaos_runner.kafka.ledger import PartitionLedger
from chaos_runner.kafka.second_reader import InconclusiveSearchError, SecondReader

FLUSH_SHARE = 0.5
"""Share of the limit that is given to sends still under way."""
TRUNCATED_SECONDS = 10.0
"""A log that stays shorter than an acked offset for so long has been truncated."""


@dataclass(slots=True)
class Drain:
    """Drain one probe within `limit` seconds; `reasons` says what stayed open."""

    engine: Engine
    second_reader: SecondReader
    limit: float
    reasons: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    @property
    def _deadline(self) -> float:
        return self._began + self.limit

    def run(self) -> None:
        """Drain, and confirm or clear every suspect."""
        self._end_sends()
        for number, ledger in enumerate(self.engine.ledger.partitions):
            self._read_to_end(number, ledger)
        self.engine.ledger.look_for_suspects()
        for number, ledger in enumerate(self.engine.ledger.partitions):
            if ledger.suspects:
                self._arbitrate(number, ledger)
        self._tell_strangers()
        self.engine.tell_changed()

    def _end_sends(self) -> None:
        sender = self.engine.sender
        sender.stop()
        while sender.open_records and time.monotonic() < self._began + FLUSH_SHARE * self.limit:
            self.engine.tick()
        sender.give_up()

    def _read_to_end(self, number: int, ledger: PartitionLedger) -> None:
        end: int | None = None
        truncated_at = time.monotonic() + TRUNCATED_SECONDS
        while True:
            self.engine.tick()
            if end is None or ledger.position >= end:
                bounds = self.second_reader.bounds(number)
                end = bounds[1] if bounds else None
            at_end = end is not None and ledger.position >= end
            if at_end and ledger.position >= ledger.acked_end:
                return
            if at_end and time.monotonic() >= truncated_at:
                ledger.suspect_all()
                return
            if number in self.engine.blind:
                self.reasons.append(f"partition {number}: {self.engine.blind[number]}")
                return
            if time.monotonic() >= self._deadline:
                self.reasons.append(_not_reached(number, ledger, end, self.limit))
                return

    def _arbitrate(self, number: int, ledger: PartitionLedger) -> None:
        first = min(record.offset for record in ledger.suspects.values())
        deadline = max(self._deadline, time.monotonic() + TRUNCATED_SECONDS)
        try:
            found = self.second_reader.find(number, first, ledger.suspects.keys(), deadline)
        except InconclusiveSearchError as error:
            self.reasons.append(str(error))
            return
        for sequence, record in sorted(ledger.suspects.items()):
            if sequence in found:
                self.engine.ledger.seen(number, sequence, record.slot, record.offset, None)
            else:
                self.engine.ledger.confirm_lost(number, sequence)
        if found:
            self.engine.notices.tell(
                "warning",
                f"the reader missed {len(found)} records of partition {number} that a second "
                "reader found: a fault of the client, not a loss",
            )

    def _tell_strangers(self) -> None:
        corrupt = self.engine.strangers[Stranger.CORRUPT]
        if corrupt:
            self.engine.notices.tell("error", f"{corrupt} records came back corrupt")
        if self.engine.ledger.phantoms:
            self.engine.notices.tell(
                "error", f"{self.engine.ledger.phantoms} records came back that were never sent"
            )


def _not_reached(number: int, ledger: PartitionLedger, end: int | None, limit: float) -> str:
    if end is None:
        return f"partition {number}: nobody could tell its end offset within {limit:g} s"
    target = max(end, ledger.acked_end)
    return f"partition {number}: read to offset {ledger.position} of {target} within {limit:g} s"
