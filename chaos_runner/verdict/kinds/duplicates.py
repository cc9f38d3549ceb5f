"""Records that were read more than once."""

from __future__ import annotations

from chaos_runner.measurements.reason import Reason
from chaos_runner.units import Percentage
from chaos_runner.verdict.families.record_share import at_most, reading_doubt
from chaos_runner.verdict.observed import Observed, nothing_observed
from chaos_runner.verdict.tolerance import Measured, RecordTolerance


class Duplicates(RecordTolerance):
    """At most this share of the records may be read more than once."""

    key = "duplicates"
    written = Percentage
    unit = "percent"
    judged_by = "extra readings ÷ records read"
    rank = 11

    @classmethod
    def observe(cls, limit: float, counts: Measured, *, complete: bool) -> Observed:
        """Judge extra readings by records read."""
        if counts.consumed == 0:
            return nothing_observed(cls.unit, "none_consumed")
        reason = Reason(code="duplicates", count=counts.duplicates, of=counts.consumed)
        return at_most(limit, reason, reading_doubt(counts, complete=complete))
