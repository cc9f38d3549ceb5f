"""What a check was answered, and what that means, in words."""

from __future__ import annotations

from chaos_runner.units import format_duration
from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.checks import CheckJudgement, CheckReason


def answer_words(answer: Answer) -> str:
    """Write an answer as `exit code 3: the queue is full`, `status 503` or `7 (job=kafka)`."""
    said = _said(answer)
    return f"{said}: {answer.output}" if answer.output else said


def check_words(judgement: CheckJudgement) -> str:
    """Write a check beside what it was answered: `orders: 3 of 9 failed, last: status 503`."""
    return f"{judgement.check}: {seen_of_check(judgement)}"


def seen_of_check(judgement: CheckJudgement) -> str:
    """Write what a check was answered in one phase."""
    if judgement.notice_within is not None:
        return _notice(judgement)
    worst = answer_words(judgement.worst) if judgement.worst else ""
    if judgement.failed:
        held = f" for {judgement.failed_for:g} s" if judgement.hold else ""
        return f"{judgement.failed} of {judgement.answers} failed{held}, last: {worst}"
    if judgement.could_not_see:
        return f"{judgement.could_not_see} of {judgement.answers} could not be seen, last: {worst}"
    return worst or "nothing"


def why_check(judgement: CheckJudgement) -> str:
    """Write its reason in brackets, behind a space; nothing where there is none."""
    words = _REASONS[judgement.reason]
    return f" ({words})" if words else ""


def _notice(judgement: CheckJudgement) -> str:
    if judgement.noticed is not None:
        return f"fired after {judgement.noticed:g} s"
    if judgement.reason == "fired_before":
        return "fired already"
    if judgement.worst is None or judgement.answers == judgement.could_not_see:
        return answer_words(judgement.worst) if judgement.worst else "nothing"
    return "did not fire"


_REASONS: dict[CheckReason, str] = {
    "": "",
    "not_asked": "no answer came in this phase",
    "could_not_see": "nobody could see",
    "not_long_enough": "not for as long as it is held against",
    "fired_before": "it fired before the fault, so it says nothing of it",
    "ended_before": "the last look was before its time was over",
    "between": "it began to fire between two looks, of which one was before its time was over",
}


def _said(answer: Answer) -> str:
    match answer.how:
        case "exit":
            return f"exit code {answer.code}"
        case "signal":
            return f"ended by signal {answer.code}"
        case "timeout":
            return f"no end within {format_duration(answer.timeout)}"
        case "not_started":
            return "cannot be started"
        case "status":
            return f"status {answer.code} in {format_duration(answer.seconds)}"
        case "values":
            return _value(answer)
        case "alerts":
            return "fires" if answer.count else "does not fire"
        case "unreachable":
            return "cannot be reached"
        case "not_understood":
            return "cannot be understood"


def _value(answer: Answer) -> str:
    if answer.value is None:
        return "no data"
    value = f"{answer.value:.6g}"
    return f"{value} ({answer.series})" if answer.series else value
