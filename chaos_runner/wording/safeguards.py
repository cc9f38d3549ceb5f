"""What a safeguard watches, and what it saw, in words."""

from __future__ import annotations

from chaos_runner.units import format_duration
from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.safeguards import Condition
from chaos_runner.wording.amounts import limit_words, observation_words
from chaos_runner.wording.checks import answer_words


def condition_words(condition: Condition) -> str:
    """Write what a safeguard watches as `availability at least 90% for 5s`."""
    hold = format_duration(condition.hold)
    if condition.limit is None:
        return f"{condition.check} for {hold}"
    return f"{condition.tolerance} {limit_words(condition.limit)} for {hold}"


def seen_words(observed: Observation | Answer) -> str:
    """Write what a safeguard saw as `71.2%` or `exit code 3: the queue of orders is full`."""
    if isinstance(observed, Observation):
        return observation_words(observed)
    return answer_words(observed)
