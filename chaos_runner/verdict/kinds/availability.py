"""Records that were acknowledged, of those that were due; on all partitions, or the control's."""

from __future__ import annotations

from chaos_runner.measurements.reason import Reason
from chaos_runner.units import Percentage
from chaos_runner.verdict.families.record_share import share
from chaos_runner.verdict.observed import Observed, nothing_observed
from chaos_runner.verdict.run_outcomes import Outcomes
from chaos_runner.verdict.tolerance import Measured, OutcomeTolerance, RecordTolerance


class Availability(RecordTolerance):
    """At least this share of the records due must be acknowledged."""

    key = "availability"
    written = Percentage
    unit = "percent"
    bound = "at_least"
    judged_by = "acknowledged ÷ scheduled records"
    rank = 12
    doubtful_when_short_of_cpu = True

    @classmethod
    def observe(cls, limit: float, counts: Measured, *, complete: bool) -> Observed:
        """Judge acknowledged by scheduled: what the client's queue refused counts against it."""
        amount = share(counts.acked, counts.scheduled)
        needed = limit * counts.scheduled
        if 100 * counts.acked >= needed:
            return Observed(amount, "held")
        if not complete and 100 * (counts.acked + counts.pending) >= needed:
            doubt = Reason(code="may_be_acknowledged", count=counts.pending)
            return Observed(amount, "inconclusive", doubt)
        missing = counts.scheduled - counts.acked
        reason = Reason(code="not_acknowledged", count=missing, of=counts.scheduled)
        return Observed(amount, "deviated", reason)


class ControlAvailability(OutcomeTolerance):
    """At least this share of the control group's records must be acknowledged.

    It is about records due on partitions without a replica on a target, from inject to recovery.
    """

    key = "control_availability"
    written = Percentage
    unit = "percent"
    bound = "at_least"
    judged_by = "acknowledged ÷ scheduled records of the partitions without a replica on a target"
    rank = 32
    phase = "during"

    @classmethod
    def observe(cls, limit: float, outcomes: Outcomes) -> Observed:
        """Judge the control group's records as availability is judged."""
        if outcomes.control is None or not outcomes.control.scheduled:
            return nothing_observed(cls.unit, "no_control_group")
        return Availability.observe(limit, outcomes.control, complete=outcomes.complete)
