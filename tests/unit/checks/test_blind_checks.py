"""When a check is asked whether it could see anything: seldom, and at the end of each phase."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_runner.checks import check_loop
from chaos_runner.checks.check_loop import CheckLoop, close_all
from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.kinds.alerts import Alerts
from chaos_runner.verdict.answer import Answer


class Asked(Alerts):
    """An alert that never fires, and whose rule may be gone; it counts the questions."""

    kind = "asked"

    def ask(self, cutoff: Cutoff, directory: Path) -> Answer:
        questions.append("alerts")
        return Answer(how="alerts", verdict="held")

    def why_blind(self, cutoff: Cutoff, directory: Path) -> str:
        questions.append("rules")
        return "it has no rule of that name" if "gone" in rule else ""


questions: deque[str] = deque()
rule: set[str] = set()


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    questions.clear()
    rule.clear()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


class Phases:
    """A loop over phases: it is asked without a pause."""

    def __init__(self) -> None:
        self.now = "before"
        check = Asked(prometheus="http://127.0.0.1:1", alert="Down")
        self.loop = CheckLoop(check, 0.001, 20, Path("/"), phase=lambda: self.now)

    def asked_more(self, times: int = 20) -> None:
        since = len(questions)
        wait_for(lambda: len(questions) >= since + times)

    def verdicts(self) -> dict[str, list[str]]:
        """Return the verdicts of each phase, each once in a row."""
        found: dict[str, list[str]] = {}
        for each in self.loop.answers():
            row = found.setdefault(each.phase, [])
            if row[-1:] != [each.answer.verdict]:
                row.append(each.answer.verdict)
        return found


def test_the_rules_are_asked_for_once_a_minute_and_at_the_end_of_each_phase() -> None:
    run = Phases()
    run.loop.start()
    run.asked_more()
    run.now = "during"
    run.asked_more()
    close_all([run.loop])
    assert questions.count("alerts") >= 20
    assert questions.count("rules") == 3
    assert run.verdicts() == {"before": ["held"], "during": ["held"]}


def test_after_a_minute_they_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_loop, "SIGHT_LASTS", 0.05)
    run = Phases()
    run.loop.start()
    run.asked_more()
    rule.add("gone")
    wait_for(lambda: run.verdicts().get("before", [])[-1:] == ["inconclusive"])
    asked = questions.count("rules")
    run.asked_more()
    assert questions.count("rules") >= asked + 5, "while nothing is seen, it is looked each time"
    rule.clear()
    wait_for(lambda: run.verdicts()["before"] == ["held", "inconclusive", "held"])
    close_all([run.loop])


def test_a_rule_that_goes_in_a_phase_is_seen_before_that_is_judged() -> None:
    run = Phases()
    run.loop.start()
    run.asked_more()
    rule.add("gone")
    run.asked_more()
    assert run.verdicts() == {"before": ["held"]}
    run.now = "during"
    wait_for(lambda: "during" in run.verdicts())
    close_all([run.loop])
    assert run.verdicts() == {"before": ["held", "inconclusive"], "during": ["inconclusive"]}


def test_a_rule_that_goes_in_the_last_phase_is_seen_at_the_end() -> None:
    run = Phases()
    run.loop.start()
    run.asked_more()
    rule.add("gone")
    run.asked_more()
    close_all([run.loop])
    assert run.verdicts() == {"before": ["held", "inconclusive"]}
