"""Times that only a whole run can tell: until it is good again, and without an acknowledgement."""

from __future__ import annotations

from typing import Annotated

from chaos_runner.analysis.moments import Time
from chaos_runner.analysis.outages import SHORTEST
from chaos_runner.units import Duration, Within, format_duration
from chaos_runner.verdict.judgement import Observation, Verdict
from chaos_runner.verdict.observed import Observed
from chaos_runner.verdict.run_outcomes import Outcomes
from chaos_runner.verdict.tolerance import OutcomeTolerance

_TimeLimit = Annotated[Duration, Within(1.0, 86_400.0, format_duration)]


class Recovery(OutcomeTolerance):
    """So soon after the verified roll-back ten good seconds in a row must have begun."""

    key = "recovery"
    written = _TimeLimit
    unit = "seconds"
    judged_by = (
        "from the verified roll-back to the first of "
        "[ten good seconds](../concepts/latency.md#times) in a row"
    )
    rank = 30
    phase = "after"

    @classmethod
    def observe(cls, limit: float, outcomes: Outcomes) -> Observed:
        """Judge the time to ten good seconds."""
        return _time(limit, outcomes.recovery)


class Outage(OutcomeTolerance):
    """No partition may be without an acknowledgement for longer, from inject to recovery."""

    key = "outage"
    written = _TimeLimit
    unit = "seconds"
    judged_by = (
        "the longest time for which one partition acknowledged nothing while records were due"
    )
    rank = 31
    phase = "during"

    @classmethod
    def observe(cls, limit: float, outcomes: Outcomes) -> Observed:
        """Judge the longest one."""
        if outcomes.outage.seconds == 0 and not outcomes.outage.censored:
            return Observed(Observation(value=SHORTEST, unit="seconds", bound="below"), "held")
        return _time(limit, outcomes.outage)


def _time(limit: float, time: Time) -> Observed:
    """Judge a time; one that is censored below the limit may be above it or not."""
    if time.seconds is None:
        return Observed(Observation(value=None, unit="seconds"), "inconclusive", time.reason)
    if time.censored:
        amount = Observation(value=time.seconds, unit="seconds", bound="above")
        verdict: Verdict = "deviated" if time.seconds >= limit else "inconclusive"
        return Observed(amount, verdict, time.reason)
    amount = Observation(value=time.seconds, unit="seconds")
    return Observed(amount, "deviated" if time.seconds > limit else "held", time.reason)
