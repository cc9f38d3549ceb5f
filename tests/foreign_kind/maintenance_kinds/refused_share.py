"""How many records the client's own queue turned away."""

from __future__ import annotations

from chaos_runner.measurements.reason import Reason
from chaos_runner.units import Percentage
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.observed import Observed
from chaos_runner.verdict.tolerance import Measured, RecordTolerance


class RefusedShare(RecordTolerance):
    """At most this share of the records due may be turned away by the client's own queue."""

    key = "refused_share"
    written = Percentage
    unit = "percent"
    judged_by = "rejected ÷ scheduled records"

    @classmethod
    def observe(cls, limit: float, counts: Measured, *, complete: bool) -> Observed:
        """Judge what the client never accepted."""
        share = 100 * counts.rejected / counts.scheduled
        amount = Observation(value=share, unit="percent")
        if share <= limit:
            return Observed(amount, "held")
        reason = Reason(code="not_acknowledged", count=counts.rejected, of=counts.scheduled)
        return Observed(amount, "deviated", reason)
