"""Records that were acknowledged and are gone."""

from __future__ import annotations

from chaos_runner.measurements.reason import Reason
from chaos_runner.units import Percentage
from chaos_runner.verdict.families.record_share import at_most, reading_doubt
from chaos_runner.verdict.observed import Observed, nothing_observed
from chaos_runner.verdict.tolerance import Measured, RecordTolerance


class Loss(RecordTolerance):
    """At most this share of the acknowledged records may be lost."""

    key = "loss"
    written = Percentage
    unit = "percent"
    judged_by = "lost ÷ acknowledged records"
    rank = 10

    @classmethod
    def observe(cls, limit: float, counts: Measured, *, complete: bool) -> Observed:
        """Judge lost by acknowledged."""
        if counts.acked == 0:
            return nothing_observed(cls.unit, "none_acknowledged")
        reason = Reason(code="lost", count=counts.lost, of=counts.acked)
        return at_most(limit, reason, reading_doubt(counts, complete=complete))
