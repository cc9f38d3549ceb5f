"""What a safeguard watches, and what it saw, in words."""

from __future__ import annotations

import shlex

from chaos_runner.units import format_duration, printable
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.safeguards import CommandEnding, Condition
from chaos_runner.wording.amounts import limit_words, observation_words


def condition_words(condition: Condition) -> str:
    """Write what a safeguard watches as `availability at least 90% for 5s`."""
    hold = format_duration(condition.hold)
    if condition.limit is None:
        return f"command {printable(shlex.join(condition.command), limit=200)} for {hold}"
    return f"{condition.tolerance} {limit_words(condition.limit)} for {hold}"


def seen_words(observed: Observation | CommandEnding) -> str:
    """Write what a safeguard saw as `71.2%` or `exit code 3: the queue of orders is full`."""
    if isinstance(observed, Observation):
        return observation_words(observed)
    return f"{_ending(observed)}: {observed.output}" if observed.output else _ending(observed)


def _ending(ending: CommandEnding) -> str:
    match ending.how:
        case "exit":
            return f"exit code {ending.code}"
        case "signal":
            return f"ended by signal {ending.code}"
        case "timeout":
            return f"no end within {format_duration(ending.timeout)}"
        case "not_started":
            return "cannot be started"
