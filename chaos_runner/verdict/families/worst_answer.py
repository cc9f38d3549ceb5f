"""Judge what the cluster says of itself: the worst answer of a while against a limit.

An answer that did not come, or that could not tell, is never taken for a good one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

from chaos_runner.measurements.model import Health
from chaos_runner.measurements.reason import Reason, ReasonCode
from chaos_runner.verdict.judgement import Observation, Value
from chaos_runner.verdict.observed import Observed, nothing_observed
from chaos_runner.verdict.tolerance import HealthTolerance


@dataclass(frozen=True)
class Reading:
    """One answer as a number to compare, and as what it stands for."""

    rank: int
    value: Value
    group: str = ""


class WorstAnswer(HealthTolerance):
    """A tolerance of which the worst answer of a while is judged."""

    unknown: ClassVar[ReasonCode]
    """Why nothing was observed where no answer could tell."""

    @classmethod
    @abstractmethod
    def read(cls, answer: Health) -> Reading | None:
        """Return what an answer says, or None where it could not tell."""

    @classmethod
    def silent(cls, answer: Health) -> list[str]:
        """Return of whom an answer could not tell, where it could of others."""
        return []

    @classmethod
    def hidden(cls, answer: Health) -> str:
        """Return why an answer may leave some out without a word, or nothing."""
        return ""

    @classmethod
    def observe(cls, limit: float, health: Sequence[Health]) -> Observed:
        """Judge the worst answer.

        The verdict is inconclusive without any, and where one is missing that could be worse.
        """
        readings = [cls.read(answer) for answer in health]
        found = [reading for reading in readings if reading is not None]
        if not found:
            return nothing_observed(cls.unit, cls.unknown)
        at_least = cls.bound == "at_least"
        worst = (min if at_least else max)(found, key=lambda reading: reading.rank)
        amount = Observation(value=worst.value, unit=cls.unit, group=worst.group)
        if worst.rank < limit if at_least else worst.rank > limit:
            return Observed(amount, "deviated")
        silent = [cls.silent(answer) for answer in health]
        missing = sum(
            reading is None or bool(names) for reading, names in zip(readings, silent, strict=True)
        )
        if missing:
            who = sorted(set(chain(*silent)))
            doubt = Reason(code="did_not_answer", count=missing, of=len(health), names=who)
            return Observed(amount, "inconclusive", doubt)
        hidden = next(filter(None, map(cls.hidden, health)), "")
        if hidden:
            return Observed(amount, "inconclusive", Reason(code="topics_hidden", detail=hidden))
        return Observed(amount, "held")


class WorstCount(WorstAnswer):
    """A tolerance that counts something of which every answer tells."""

    @classmethod
    @abstractmethod
    def count(cls, answer: Health) -> int | None:
        """Return the count; None where the answer could not tell."""

    @classmethod
    def read(cls, answer: Health) -> Reading | None:
        """Return the count of an answer that came."""
        value = cls.count(answer) if answer.answered else None
        return None if value is None else Reading(value, value)
