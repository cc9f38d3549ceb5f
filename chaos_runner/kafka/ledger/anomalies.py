"""Count what no record of a phase can answer for, while a run goes on."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from chaos_runner.kafka.ledger.loss_cause import Cause
from chaos_runner.measurements.model import Anomalies
from chaos_runner.measurements.named_records import Truncation

TRUNCATIONS_KEPT = 100


@dataclass(slots=True)
class AnomalyCounts:
    """The counters of one run; words as in measures.Anomalies."""

    corrupt: int = 0
    phantom: int = 0
    foreign: int = 0
    overwritten: int = 0
    truncated: int = 0
    vanished: int = 0
    trimmed: int = 0
    reader_missed: int = 0
    withdrawn: int = 0
    truncations: list[Truncation] = field(default_factory=list)

    def note_cause(self, cause: Cause) -> None:
        """Count why a record is missing."""
        setattr(self, cause.value, getattr(self, cause.value) + 1)

    def note_truncation(self, truncation: Truncation) -> None:
        """Remember that a log was cut off, and how it was noticed."""
        if len(self.truncations) < TRUNCATIONS_KEPT:
            self.truncations.append(truncation)

    def told(self, *, rebuilt_readers: int = 0, rebuilt_producers: int = 0) -> Anomalies:
        """Return the counts as they stand, with how many clients were rebuilt meanwhile."""
        return Anomalies(
            **{each.name: getattr(self, each.name) for each in fields(self)},
            rebuilt_readers=rebuilt_readers,
            rebuilt_producers=rebuilt_producers,
        )
