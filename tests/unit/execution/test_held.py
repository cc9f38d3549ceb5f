"""Whether a fault was on for as long as it was wanted is judged by the host's own record."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from chaos_runner.execution.context import RunContext
from chaos_runner.execution.run_verdict import doubt_early_endings
from chaos_runner.fleet.guard_answers.fault_answers import RevertedFault
from chaos_runner.measurements.cluster_fault import CLUSTER
from chaos_runner.verdict.run_reason import Ending, RunReason
from chaos_runner.wording.endings import why_not_held


def ending(**changes: object) -> Ending:
    fields = {"host": "k1", "kind": "service_stop", "planned": 90.0, "needed": 90.0, "by": "revert"}
    return Ending(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "held",
    [
        ending(),
        ending(held=90.0),
        ending(held=89.2),  # a host counts whole seconds
        ending(held=120.0, by="lease"),  # it was not told in time that it is over
        ending(held=30.0, needed=30.0),  # a guard ended the run early
        ending(held=85_000.0, planned=85_050.0, needed=85_050.0),  # clocks differ in a day
        ending(held=91.0, lease_over=True),
    ],
)
def test_it_was_on_to_its_end(held: Ending) -> None:
    assert why_not_held(held) == ""


@pytest.mark.parametrize(
    ("short", "words"),
    [
        (ending(held=20.0, by="lease"), "on k1 ended by its lease after 20 s of 90 s"),
        (ending(held=20.0), "on k1 ended before its time after 20 s of 90 s"),
        (ending(by="boot"), "ended by a restart of the host, and the host does not tell"),
        (
            ending(by="others", seen_gone=12.4),
            "by other hands; it was seen to be gone after 12 s of",
        ),
        (ending(by=""), "ended in a way that the host does not tell"),
        (ending(answered=False), "ended in a way that the host has not told"),
        (ending(lease_over=True), "may have ended by its lease"),
    ],
)
def test_it_was_not_and_the_reason_says_since_when(short: Ending, words: str) -> None:
    assert words in why_not_held(short)


@pytest.mark.parametrize(
    ("by", "held", "doubted"),
    [
        ("revert", 30.0, False),
        ("lease", 12.0, True),
        ("timer", 30.0, False),
        ("others", None, True),
    ],
)
def test_a_fault_of_the_cluster_is_judged_like_one_of_a_host(
    by: str, held: float | None, doubted: bool
) -> None:
    doubts: list[RunReason] = []
    fault = SimpleNamespace(
        fault="f1", kind="replication_throttle", change=object(), targets=["k1"], duration=30.0
    )
    answer = RevertedFault(fault="f1", kind=fault.kind, phase="CLEAN", by=by, held=held)
    context = SimpleNamespace(
        plan=SimpleNamespace(faults=[fault]),
        owed={CLUSTER: {"f1"}},
        needed={"f1": (30.0, frozenset())},
        ended={("f1", CLUSTER): answer},
        doubt=lambda source, reason: doubts.append(reason),
    )
    doubt_early_endings(cast("RunContext", context), {})
    assert [reason.code for reason in doubts] == ["fault_ended_early"] * doubted


@pytest.mark.parametrize(("by", "seen_gone"), [("others", 12.0), ("revert", None)])
def test_of_a_fault_that_a_renewal_missed_the_run_itself_says_since_when(
    by: str, seen_gone: float | None
) -> None:
    doubts: list[RunReason] = []
    fault = SimpleNamespace(
        fault="f1", kind="service_stop", change=None, targets=["k1"], duration=30.0
    )
    context = SimpleNamespace(
        plan=SimpleNamespace(faults=[fault]),
        owed={"k1": {"f1"}},
        needed={"f1": (12.0, frozenset())},
        ended={("f1", "k1"): RevertedFault(fault="f1", kind=fault.kind, phase="CLEAN", by=by)},
        doubt=lambda source, reason: doubts.append(reason),
    )
    doubt_early_endings(cast("RunContext", context), {"k1": "it is no longer in place"})
    (doubt,) = doubts
    assert (doubt.ending.seen_gone if doubt.ending else None) == seen_gone
