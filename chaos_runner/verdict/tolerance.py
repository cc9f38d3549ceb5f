"""The base of every tolerance: what a user may write of it, and how it is judged."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from chaos_runner.measurements.model import Bucket, Health, Totals
from chaos_runner.verdict.judgement import Limit, Unit, Value
from chaos_runner.verdict.observed import Observed
from chaos_runner.verdict.run_outcomes import Outcomes

Measured = Bucket | Totals

ACKNOWLEDGED_WITHIN = 1.0
"""Seconds after which a safeguard on records counts one that is still pending."""


class Tolerance(ABC):
    """One thing that can be tolerated up to a limit, as a key of `steady_state`.

    The docstring of a tolerance says what its limit means, as one sentence: the JSON Schema and
    the reference are made of it. No tolerance has instances.
    """

    key: ClassVar[str]
    """The key in an experiment file."""
    written: ClassVar[object]
    """The type of its limit as a user writes it, such as `Percentage`."""
    unit: ClassVar[Unit]
    bound: ClassVar[Literal["at_most", "at_least"]] = "at_most"
    judged_by: ClassVar[str]
    """What it is judged by, in a few words, for the reference."""
    rank: ClassVar[int] = 100
    """Where it stands among the others: the lowest first, equals by their keys."""
    needs_groups: ClassVar[bool] = False
    """Whether it judges the consumer groups that `kafka.groups` names."""
    doubtful_when_short_of_cpu: ClassVar[bool] = False
    """Whether a probe that is short of CPU cannot judge it."""
    place: ClassVar[Callable[[object], float] | None] = None
    """Turn a limit that is a word into the number that is compared; None where it is a number."""
    word: ClassVar[Callable[[float], Value] | None] = None
    """Turn that number into the word again."""

    @classmethod
    def meaning(cls) -> str:
        """Return in one sentence what its limit means."""
        return " ".join(inspect.cleandoc(cls.__doc__ or cls.key).split())

    @classmethod
    def number_of(cls, written: object) -> float:
        """Return a limit as the number that is compared: percent, seconds, a count or a place."""
        if cls.place is not None:
            return cls.place(written)
        if isinstance(written, int | float):
            return written
        raise TypeError(f"{cls.key}: a limit that is no number needs a place")

    @classmethod
    def limit(cls, number: float) -> Limit:
        """Return a limit as data."""
        value: Value = number if cls.word is None else cls.word(number)
        return Limit(bound=cls.bound, value=value, unit=cls.unit)


class RecordTolerance(Tolerance):
    """A tolerance that is judged by what became of the records."""

    @classmethod
    @abstractmethod
    def observe(cls, limit: float, counts: Measured, *, complete: bool) -> Observed:
        """Judge the records of a while, of which at least one was scheduled.

        `complete` tells that every record was accounted for: what is still pending then counts
        as never acknowledged.
        """

    @classmethod
    def patience(cls, limit: float) -> float:
        """Return the seconds for which a record may be open before a safeguard counts it."""
        return ACKNOWLEDGED_WITHIN


class HealthTolerance(Tolerance):
    """A tolerance that is judged by what the cluster says of itself."""

    @classmethod
    @abstractmethod
    def observe(cls, limit: float, health: Sequence[Health]) -> Observed:
        """Judge the worst answer of a while."""


class OutcomeTolerance(Tolerance):
    """A tolerance that only a whole run can judge; no safeguard can watch it."""

    phase: ClassVar[Literal["before", "during", "after"]]
    """The one phase that it is judged in."""

    @classmethod
    @abstractmethod
    def observe(cls, limit: float, outcomes: Outcomes) -> Observed:
        """Judge what is known of a run after the drain."""
