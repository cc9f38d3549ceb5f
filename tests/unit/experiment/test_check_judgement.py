"""Judging checks phase by phase, and whether an alert noticed the fault in time."""

from __future__ import annotations

import pytest

from chaos_runner.verdict.answer import Answer, Answered
from chaos_runner.verdict.checks import Watched, judge_check, judge_notice
from chaos_runner.verdict.judgement import Verdict
from chaos_runner.wording.checks import check_words, seen_of_check, why_check

VERDICTS: dict[str, Verdict] = {"+": "held", "-": "deviated", "?": "inconclusive"}
ON = 1000.0


def answers(marks: str, interval: float = 5.0) -> list[Answered]:
    """Return an answer for each mark, one an interval: held, deviated or inconclusive."""
    return [
        Answered(
            ON + interval * place,
            ON + interval * place + 1,
            Answer(how="status", code=200 if mark == "+" else 503, verdict=VERDICTS[mark]),
        )
        for place, mark in enumerate(marks)
    ]


@pytest.mark.parametrize(
    ("marks", "hold", "verdict"),
    [
        ("", 0, "inconclusive"),
        ("+", 0, "held"),
        ("++++", 0, "held"),
        ("++-+", 0, "deviated"),
        ("++?+", 0, "inconclusive"),
        ("?-?+", 0, "deviated"),
        ("++-+", 10, "held"),
        ("+--+", 10, "deviated"),
        ("+-+-+-+", 10, "held"),
        ("+-?-+", 15, "deviated"),  # what cannot be seen does not end a row
        ("+-?+", 15, "inconclusive"),
        ("+--", 10, "deviated"),  # what was answered last counts until the phase ends
    ],
)
def test_a_phase(marks: str, hold: float, verdict: Verdict) -> None:
    judged = judge_check(Watched("shop", "answers", hold), answers(marks), ON + 5 * len(marks) + 1)
    assert judged.verdict == verdict
    assert (judged.answers, judged.failed) == (len(marks), marks.count("-"))
    assert judged.could_not_see == marks.count("?")


def test_the_words_of_a_phase() -> None:
    failed = judge_check(Watched("shop", "answers"), answers("+-+"), ON + 15)
    assert check_words(failed) == "shop: 1 of 3 failed, last: status 503 in 0s"
    brief = judge_check(Watched("shop", "answers", 30), answers("+-+"), ON + 15)
    assert why_check(brief) == " (not for as long as it is held against)"
    assert "failed for 5 s" in seen_of_check(brief)
    nothing = judge_check(Watched("shop", "answers"), [], ON)
    assert (seen_of_check(nothing), why_check(nothing)) == (
        "nothing",
        " (no answer came in this phase)",
    )


def looks(*said: tuple[float, str]) -> list[Answered]:
    """Return looks at an alert: when, after the fault, and `fires`, `silent` or `blind`."""
    return [
        Answered(
            ON + at,
            ON + at + 0.5,
            Answer(
                how="unreachable" if what == "blind" else "alerts",
                verdict="inconclusive" if what == "blind" else "held",
                count=int(what == "fires"),
            ),
        )
        for at, what in said
    ]


@pytest.mark.parametrize(
    ("said", "verdict", "words"),
    [
        ([], "inconclusive", "nothing (no answer came in this phase)"),
        ([(-5, "silent"), (5, "silent"), (20, "fires")], "held", "fired after 20.5 s"),
        ([(-5, "silent"), (5, "silent"), (61, "silent")], "deviated", "did not fire"),
        ([(-5, "silent"), (61, "silent"), (70, "fires")], "deviated", "fired after 70.5 s"),
        ([(-5, "fires"), (5, "fires")], "inconclusive", "fired already (it fired before the fault"),
        ([(-9, "fires"), (-5, "silent"), (5, "fires")], "held", "fired after 5.5 s"),
        ([(-5, "silent"), (55, "silent")], "inconclusive", "did not fire (the last look was bef"),
        ([(58, "silent"), (63, "fires")], "inconclusive", "fired after 63.5 s (it began to fire"),
        ([(-5, "silent"), (5, "blind"), (9, "blind")], "inconclusive", "cannot be reached (nobody"),
        ([(5, "blind"), (9, "fires")], "held", "fired after 9.5 s"),
        ([(55, "blind"), (61, "fires")], "inconclusive", "fired after 61.5 s"),
    ],
)
def test_an_alert_that_must_fire(
    said: list[tuple[float, str]], verdict: Verdict, words: str
) -> None:
    judged = judge_notice(Watched("alert", "fires", notice_within=60), looks(*said), ON)
    assert judged.verdict == verdict
    assert f"{seen_of_check(judged)}{why_check(judged)}".startswith(words)
