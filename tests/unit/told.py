"""Typed facts in the words that people are shown, so that tests can say what is expected."""

from __future__ import annotations

from typing import NamedTuple

from chaos_runner.analysis.moments import Time
from chaos_runner.verdict.judgement import Judgement, Verdict
from chaos_runner.wording.amounts import limit_words, observation_words
from chaos_runner.wording.reasons import reason_words


class ToldTime(NamedTuple):
    """A time, with its note in words."""

    seconds: float | None
    note: str
    censored: bool = False


class ToldJudgement(NamedTuple):
    """A judgement in words."""

    limit: str
    observed: str
    verdict: Verdict
    reason: str


def told_time(time: Time | None) -> ToldTime:
    """Return a time with its note in words."""
    assert time is not None
    return ToldTime(time.seconds, reason_words(time.reason), time.censored)


def told(judgement: Judgement) -> ToldJudgement:
    """Return a judgement in words."""
    return ToldJudgement(
        limit_words(judgement.limit),
        observation_words(judgement.observed),
        judgement.verdict,
        reason_words(judgement.reason),
    )
