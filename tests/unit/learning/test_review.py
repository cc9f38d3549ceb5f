"""Change log, gate and insights: pure functions of runs and findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.learning.findings.files import FoundFindings, WrittenFinding
from chaos_runner.learning.findings.model import Finding
from chaos_runner.learning.history.facts import (
    Figure,
    JudgedTolerance,
    RunFacts,
    TriedFault,
)
from chaos_runner.learning.history.index import History
from chaos_runner.learning.review.changelog import as_markdown
from chaos_runner.learning.review.gate import gate_since
from chaos_runner.learning.review.insights import insights_of
from chaos_runner.operations.review import improvements_since
from chaos_runner.verdict.judgement import Verdict
from tests.unit.learning.made_facts import EMPTY, changed, made, recoveries

MARKUP = "<b>`x`</b> | *y* [z](http://evil)"


def deviating(number: int, kind: str = "service_kill", verdict: Verdict = "deviated") -> RunFacts:
    fault = TriedFault(kind=kind, summary="kill", targets=("kafka-1",))
    judged = JudgedTolerance(
        phase="during", tolerance="loss", verdict=verdict, limit="at most 0%", observed="0.5%"
    )
    started = EMPTY.started + timedelta(days=number)
    return changed(
        replace(EMPTY, run=f"d{number}", started=started, verdict=verdict),
        faults=(fault,),
        judged=(judged,),
        causes=("acks_not_all",) if verdict == "deviated" else (),
        figures={"recover": Figure(value=30.0 - number)},
    )


def verified(name: str, day: str, run: str, title: str = "Records are lost") -> WrittenFinding:
    finding = Finding.model_validate(
        {
            "title": title,
            "urgency": "high",
            "state": "verified",
            "owner": "Anna",
            "experiment": "slow",
            "evidence": [{"run": "d0", "tolerance": "loss", "observed": "0.5%"}],
            "fix": {"what": "acks=all", "by": "2026-01-20"},
            "verified": {"run": run, "day": day, "observed": {"loss": "0%"}},
        }
    )
    return WrittenFinding(Path(f"findings/{name}.yml"), finding)


def changelog(since: str, *findings: WrittenFinding) -> str:
    runs = (deviating(0), deviating(9, verdict="held"))
    found = FoundFindings(Path("findings"), findings)
    return as_markdown(improvements_since(since, found, History(runs)))


def test_a_change_log_has_figures_before_and_after() -> None:
    assert changelog("2026-01-05", verified("lost", "2026-01-10", "d9")) == (
        "### Fixed\n"
        "- Records are lost (acks=all): loss 0.5% before, 0% now; time to recover 30 s before, "
        "21 s now. Verified on 2026-01-10 by run d9.\n"
    )


def test_a_change_log_begins_after_a_run_or_with_a_day() -> None:
    finding = verified("lost", "2026-01-10", "d9")
    assert changelog("d9", finding) == ""
    assert changelog("d0", finding) != ""
    assert changelog("2026-01-10", finding) != ""
    assert changelog("2026-01-11", finding) == ""
    gone = verified("lost", "2026-01-10", "not in the history")
    assert "loss 0.5% before, 0% now. Verified" in changelog("2026-01-10", gone)
    assert changelog("2026-01-11", gone) == ""


def test_a_hostile_title_is_no_markup() -> None:
    text = changelog("2026-01-05", verified("x", "2026-01-10", "d9", MARKUP))
    assert "<b>" not in text
    assert "[z](" not in text
    assert text.count("\n") == 2


def test_the_gate_fails_where_recovery_got_worse_beyond_noise() -> None:
    worse = gate_since(made(2, 5), recoveries(5, 6, 5, 11, 12, 11))
    assert worse.verdict == "worse"
    assert [each.figure for each in worse.experiments["slow"]] == ["recover"]
    assert gate_since(made(2, 5), recoveries(5, 6, 5, 5, 7, 5)).verdict == "passed"
    assert gate_since(made(2, 5), recoveries(11, 12, 11, 5, 6, 5)).verdict == "passed"


def test_the_gate_says_where_there_are_too_few_runs() -> None:
    assert gate_since(made(2, 5), recoveries(5, 6, 5, 60)).verdict == "too few runs"
    assert gate_since(made(2, 5), recoveries(5, 6, 5)).verdict == "too few runs"


def test_the_gate_compares_no_experiment_with_another() -> None:
    other = [replace(run, experiment="other") for run in recoveries(1, 1, 1, 60, 60, 60)]
    gate = gate_since(made(2, 5), [*recoveries(5, 6, 5, 5, 7, 5), *other[3:]])
    assert {
        name: [each.movement for each in moved] for name, moved in gate.experiments.items()
    } == {
        "other": ["too few runs"],
        "slow": ["no clear change"],
    }


def test_insights_name_what_comes_back() -> None:
    runs = [deviating(0), deviating(1), deviating(2, verdict="held"), deviating(3, "clock_skew")]
    today = date(2026, 3, 1)
    late = verified("late", "2026-01-10", "d9")
    open_finding = late.finding.model_copy(update={"state": "fixing", "verified": None})
    found = insights_of(
        runs,
        [WrittenFinding(late.file, open_finding)],
        ["service_kill", "clock_skew", "disk_fill"],
        today,
    )
    assert [(each.what, each.deviated, each.runs) for each in found.faults] == [
        ("service_kill", 2, 3)
    ]
    assert [(each.what, each.deviated) for each in found.targets] == [("kafka-1", 3)]
    assert [(each.what, each.deviated) for each in found.tolerances] == [("loss", 3)]
    assert [each.what for each in found.causes] == ["The producer does not wait for the replicas"]
    assert [each.name for each in found.overdue] == ["late"]
    assert found.stale == (("slow", date(2026, 1, 4)),)
    assert found.never_tried == ("disk_fill",)


def test_an_empty_workspace_has_all_kinds_to_try() -> None:
    found = insights_of([], [], ["disk_fill"], date(2026, 1, 1))
    assert (found.faults, found.stale, found.never_tried) == ((), (), ("disk_fill",))


@pytest.mark.parametrize("since", ["2026-13-01", "none"])
def test_what_is_neither_day_nor_run_is_named(since: str) -> None:
    with pytest.raises(UsageError, match="allowed is a day such as"):
        changelog(since)
