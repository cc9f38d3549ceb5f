"""Judging the consumer groups that the user named: a silent one is never taken for a good one."""

from __future__ import annotations

import pytest

from chaos_runner.experiment.steady_state import SteadyState
from chaos_runner.measurements.model import STALE_SECONDS, GroupHealth, Health, Totals
from chaos_runner.verdict.judgement import Verdict
from chaos_runner.verdict.tolerances import judge_phase
from tests.unit.told import told


def group(lag: int = 0, age: float = 1.0) -> GroupHealth:
    return GroupHealth(status="OK" if lag < 100 else "STALL", lag=lag, age=age)


def answer(*unanswered: str, **groups: GroupHealth) -> Health:
    return Health(
        elapsed=0.0,
        brokers=3,
        under_replicated=0,
        offline=0,
        not_preferred=0,
        groups=groups,
        unanswered_groups=list(unanswered),
    )


GOOD = answer(payments=group(3), orders=group(5))
OLD = STALE_SECONDS + 1


@pytest.mark.parametrize(
    ("second", "verdict", "lag", "status", "reason"),
    [
        (GOOD, "held", "5 (orders)", "OK (payments)", ""),
        (answer(payments=group(700)), "deviated", "700 (payments)", "STALL (payments)", ""),
        (
            answer(payments=group(700, OLD)),
            "inconclusive",
            "5 (orders)",
            "OK (payments)",
            "payments did not answer 1 of 2 times",
        ),
        (
            answer(payments=group(4), orders=group(700, OLD)),
            "inconclusive",
            "5 (orders)",
            "OK (payments)",
            "orders did not answer 1 of 2 times",
        ),
        (
            answer("orders", payments=group(4)),
            "inconclusive",
            "5 (orders)",
            "OK (payments)",
            "orders did not answer 1 of 2 times",
        ),
        (
            answer("orders", payments=group(700)),
            "deviated",
            "700 (payments)",
            "STALL (payments)",
            "",
        ),
    ],
)
def test_lag_and_status(
    second: Health, verdict: Verdict, lag: str, status: str, reason: str
) -> None:
    read = SteadyState.model_validate({"loss": "100%", "group_lag": 99, "group_status": "OK"})
    _, judgements = judge_phase(read, Totals(), [GOOD, second], complete=True)
    judged = {each.tolerance: told(each) for each in judgements}
    assert (judged["group_lag"].observed, judged["group_status"].observed) == (lag, status)
    for each in (judged["group_lag"], judged["group_status"]):
        assert (each.verdict, each.reason) == (verdict, reason)
