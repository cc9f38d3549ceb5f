"""Judge what a check got to know in one phase, and whether an alert noticed the fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.analysis.moments import since
from chaos_runner.verdict.answer import Answer, Answered
from chaos_runner.verdict.judgement import Verdict, worst_verdict
from chaos_runner.verdict.rows import longest_row, samples_of_answers

CheckReason = Literal[
    "", "not_asked", "could_not_see", "not_long_enough", "fired_before", "ended_before", "between"
]


class CheckJudgement(BaseModel):
    """One check beside what it got to know in one phase."""

    model_config = ConfigDict(frozen=True)

    check: str
    """Its name."""
    expected: str
    """What it asks for, in words."""
    answers: int
    failed: int
    """How many answers were not as they should be."""
    could_not_see: int = 0
    """How many let nobody see."""
    worst: Answer | None = None
    """The last of the worst."""
    failed_for: float = 0.0
    """The longest time for which it failed without a break, in seconds."""
    hold: float = 0.0
    """For how long it must fail without a break to count."""
    noticed: float | None = None
    """Seconds from the first fault being on to the first answer that showed the alert firing."""
    notice_within: float | None = None
    """Seconds within which it must; null for a check of another kind."""
    verdict: Verdict
    reason: CheckReason = ""


@dataclass(frozen=True)
class Watched:
    """A check of the steady state, as the judge knows it."""

    name: str
    expected: str
    hold: float = 0.0
    notice_within: float | None = None


def judge_check(watched: Watched, answers: Sequence[Answered], end: float) -> CheckJudgement:
    """Judge one phase that ended at `end`; what was answered counts until the next answer.

    Held needs an answer, and each of them as it should be. Deviated needs failures for the whole
    hold time without a break.
    """
    verdicts = [each.answer.verdict for each in answers]
    longest = longest_row(samples_of_answers(answers, end))
    verdict: Verdict = worst_verdict(verdicts)
    reason: CheckReason = "" if answers else "not_asked"
    if verdict == "deviated" and longest < watched.hold:
        verdict = "inconclusive" if "inconclusive" in verdicts else "held"
        reason = "not_long_enough"
    elif verdict == "inconclusive" and answers:
        reason = "could_not_see"
    return CheckJudgement(
        check=watched.name,
        expected=watched.expected,
        answers=len(answers),
        failed=verdicts.count("deviated"),
        could_not_see=verdicts.count("inconclusive"),
        worst=_worst(answers),
        failed_for=round(longest, 1),
        hold=watched.hold,
        verdict=verdict,
        reason=reason,
    )


def judge_notice(watched: Watched, answers: Sequence[Answered], on: float) -> CheckJudgement:
    """Judge whether an alert fired in time after the first fault was on, at `on`.

    An alert that fired already says nothing of the fault. One that was silent at the last look
    before the limit and fires at the first after it is inconclusive: nobody saw when it began.
    """
    limit = watched.notice_within or 0.0
    seen = [each for each in answers if each.answer.verdict != "inconclusive"]
    before = [each for each in seen if each.ended <= on]
    after = [each for each in seen if each.ended > on]
    firing = next((each for each in after if each.answer.count), None)
    late = any(each.asked - on > limit for each in after if not each.answer.count)
    verdict: Verdict = "inconclusive"
    reason: CheckReason = "ended_before"
    if before and before[-1].answer.count:
        reason = "fired_before"
    elif firing is not None and firing.ended - on <= limit:
        verdict, reason = "held", ""
    elif late:
        verdict, reason = "deviated", ""
    elif firing is not None:
        reason = "between"
    elif not after:
        reason = "could_not_see" if answers else "not_asked"
    of_fault = [each for each in answers if each.ended > on]
    return CheckJudgement(
        check=watched.name,
        expected=watched.expected,
        answers=len(of_fault),
        failed=0,
        could_not_see=len(of_fault) - len(after),
        worst=firing.answer if firing else (of_fault[-1].answer if of_fault else None),
        noticed=since(on, firing.ended) if firing and reason != "fired_before" else None,
        notice_within=limit,
        verdict=verdict,
        reason=reason,
    )


def _worst(answers: Sequence[Answered]) -> Answer | None:
    for verdict in ("deviated", "inconclusive", "held"):
        for each in reversed(answers):
            if each.answer.verdict == verdict:
                return each.answer
    return None
