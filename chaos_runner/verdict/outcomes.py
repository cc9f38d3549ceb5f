"""Judge what only a whole run can tell: recovery, outages, and the control group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaos_runner.analysis.moments import Time
from chaos_runner.experiment.steady_state import SteadyState
from chaos_runner.measurements.model import Totals
from chaos_runner.units import format_duration, format_percentage
from chaos_runner.verdict.judgement import Judgement
from chaos_runner.verdict.observed import Observed
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
        _judgement(name, limit, _OBSERVE[name](limit, outcomes))
        for name, limit in steady_state.outcomes().items()
        if _PHASES[name] == phase
    ]


def _judgement(name: str, limit: float, observed: Observed) -> Judgement:
    share = name == "control_availability"
    text = f"at least {format_percentage(limit)}" if share else f"at most {format_duration(limit)}"
    return Judgement(
        tolerance=name,
        limit=text,
        observed=observed.text,
        verdict=observed.verdict,
        reason=observed.reason,
    )


def _recovery(limit: float, outcomes: Outcomes) -> Observed:
    return _time(limit, outcomes.recovery)


def _outage(limit: float, outcomes: Outcomes) -> Observed:
    if outcomes.outage.seconds == 0:
        return Observed("< 1s", "held")
    return _time(limit, outcomes.outage)


def _time(limit: float, time: Time) -> Observed:
    """Judge a time; one that is censored below the limit may be above it or not."""
    if time.seconds is None:
        return Observed("nothing", "inconclusive", time.note)
    text = format_duration(time.seconds)
    if time.censored:
        exceeded = time.seconds >= limit
        return Observed(f"> {text}", "deviated" if exceeded else "inconclusive", time.note)
    return Observed(text, "deviated" if time.seconds > limit else "held", time.note)


def _control_availability(limit: float, outcomes: Outcomes) -> Observed:
    if outcomes.control is None or not outcomes.control.scheduled:
        reason = "there is no control group: every partition has a replica on a target"
        return Observed("nothing", "inconclusive", reason)
    return observe("availability", limit, outcomes.control, [], complete=outcomes.complete)


_OBSERVE: dict[str, Callable[[float, Outcomes], Observed]] = {
    "recovery": _recovery,
    "outage": _outage,
    "control_availability": _control_availability,
}
