"""Judge what only a whole run can tell: recovery, outages, and the control group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaos_runner.analysis.moments import Time
from chaos_runner.analysis.outages import SHORTEST
from chaos_runner.experiment.steady_state import SteadyState
from chaos_runner.measurements.model import Totals
from chaos_runner.verdict.judgement import Judgement, Observation, Verdict
from chaos_runner.verdict.limits import judgement_of
from chaos_runner.verdict.observed import Observed, nothing_observed
from chaos_runner.verdict.record_shares import observe

_PHASES = {"recovery": "after", "outage": "during", "control_availability": "during"}
"""Tolerance to the phase that is judged by it."""


@dataclass(frozen=True)
class Outcomes:
    """What is known of a run after the drain."""

    recovery: Time
    """From the verified roll-back to ten good seconds in a row, over all partitions."""
    outage: Time
    control: Totals | None
    """What became of the control group's records from inject to recovery; None without one."""
    complete: bool
    """True when every record was accounted for."""


def judge_outcomes(steady_state: SteadyState, phase: str, outcomes: Outcomes) -> list[Judgement]:
    """Return a judgement for each of these tolerances that is set and belongs to a phase."""
    return [
        judgement_of(name, limit, _OBSERVE[name](limit, outcomes))
        for name, limit in steady_state.outcomes().items()
        if _PHASES[name] == phase
    ]


def _recovery(limit: float, outcomes: Outcomes) -> Observed:
    return _time(limit, outcomes.recovery)


def _outage(limit: float, outcomes: Outcomes) -> Observed:
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


def _control_availability(limit: float, outcomes: Outcomes) -> Observed:
    if outcomes.control is None or not outcomes.control.scheduled:
        return nothing_observed("percent", "no_control_group")
    return observe("availability", limit, outcomes.control, [], complete=outcomes.complete)


_OBSERVE: dict[str, Callable[[float, Outcomes], Observed]] = {
    "recovery": _recovery,
    "outage": _outage,
    "control_availability": _control_availability,
}
