"""Judging what only a whole run can tell: a time that is censored is never held."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.analysis.moments import Time, no_time
from chaos_runner.experiment.models import Experiment
from chaos_runner.experiment.steady_state import Safeguard, SteadyState
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.reason import Reason
from chaos_runner.verdict.judgement import Judgement, Verdict
from chaos_runner.verdict.outcomes import judge_outcomes
from chaos_runner.verdict.run_outcomes import Outcomes
from tests.unit.told import told

NONE = no_time("no_verified_roll_back")
WHY = Reason(code="topics_hidden", detail="why")


def judge(
    phase: str,
    tolerances: dict[str, str],
    *,
    recovery: Time = NONE,
    outage: Time = NONE,
    control: Totals | None = None,
    complete: bool = True,
) -> list[Judgement]:
    outcomes = Outcomes(recovery, outage, control, complete)
    return judge_outcomes(SteadyState.model_validate(tolerances), phase, outcomes)


@pytest.mark.parametrize(
    ("time", "verdict", "observed"),
    [
        (Time(seconds=0.1), "held", "100ms"),
        (Time(seconds=30), "held", "30s"),
        (Time(seconds=30.1), "deviated", "30.1s"),
        (Time(seconds=30, censored=True, reason=WHY), "deviated", "> 30s"),
        (Time(seconds=29.9, censored=True, reason=WHY), "inconclusive", "> 29.9s"),
        (Time(seconds=None, reason=WHY), "inconclusive", "nothing"),
    ],
)
def test_recovery_and_outage(time: Time, verdict: Verdict, observed: str) -> None:
    (recovery,) = judge("after", {"recovery": "30s"}, recovery=time)
    (outage,) = judge("during", {"outage": "30s"}, outage=time)
    for judged in (recovery, outage):
        assert told(judged)[1:3] == (observed, verdict)
        assert told(judged).limit == "at most 30s"
        assert judged.reason == time.reason


def test_no_outage_holds_every_limit() -> None:
    (judged,) = judge(
        "during", {"outage": "1s"}, outage=Time(seconds=0, reason=Reason(code="no_outage"))
    )
    assert told(judged)[1:3] == ("< 1s", "held")
    hidden = Reason(code="longer_outage_before", partition=1)
    (judged,) = judge(
        "during", {"outage": "1s"}, outage=Time(seconds=0, censored=True, reason=hidden)
    )
    assert told(judged)[1:3] == ("> 0s", "inconclusive")


def test_the_control_group_is_judged_by_its_own_records() -> None:
    control = Totals(scheduled=1000, acked=985, indeterminate=15)
    (judged,) = judge("during", {"control_availability": "99%"}, control=control)
    assert told(judged)[1:3] == ("98.5%", "deviated")
    assert told(judged).limit == "at least 99%"
    (without,) = judge("during", {"control_availability": "99%"})
    assert without.verdict == "inconclusive"
    assert told(without).reason.startswith("there is no control group")


def test_each_is_judged_in_the_one_phase_that_shows_it() -> None:
    every = {"recovery": "30s", "outage": "15s", "control_availability": "99%"}
    judged = {
        phase: [judgement.tolerance for judgement in judge(phase, every)]
        for phase in ("before", "during", "after")
    }
    assert judged == {
        "before": [],
        "during": ["outage", "control_availability"],
        "after": ["recovery"],
    }
    assert judge("during", {}) == []


def test_a_guard_cannot_watch_what_only_the_whole_run_tells() -> None:
    with pytest.raises(ValidationError, match="recovery"):
        Safeguard.model_validate({"recovery": "30s"})


def test_a_recovery_that_could_not_be_seen_is_refused() -> None:
    written = {
        "title": "t",
        "faults": [{"network_partition": {}}],
        "steady_state": {"recovery": "30s"},
        "phases": {"after": "9s"},
    }
    with pytest.raises(ValidationError, match="found `after: 9s` beside the tolerance"):
        Experiment.model_validate(written)
    Experiment.model_validate({**written, "phases": {"after": "10s"}})
    Experiment.model_validate({**written, "steady_state": {}})
