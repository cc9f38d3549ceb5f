"""One tolerance's limit as data, beside what was observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from chaos_runner.measurements.model import Health
from chaos_runner.verdict.judgement import Judgement, Limit
from chaos_runner.verdict.observed import Observed, nothing_observed
from chaos_runner.verdict.registry import tolerances
from chaos_runner.verdict.tolerance import HealthTolerance, Measured, RecordTolerance


class Limits(Protocol):
    """What says which limits are set, whoever wrote it."""

    def limits(self) -> Mapping[str, float]:
        """Return tolerance to limit, as a number: percent, seconds, a count, or a place."""


class OutcomeLimits(Protocol):
    """The same of what only a whole run can tell."""

    def outcomes(self) -> Mapping[str, float]:
        """Return tolerance to limit: percent or seconds."""


def limit_of(tolerance: str, limit: float) -> Limit:
    """Return a limit as data; `limit` is a number, or a place in an order, as in `limits()`.

    One of a tolerance that nobody knows, from a foreign journal, is taken for seconds.
    """
    kind = tolerances().get(tolerance)
    return kind.limit(limit) if kind else Limit(bound="at_most", value=limit, unit="seconds")


def judgement_of(tolerance: str, limit: float, observed: Observed) -> Judgement:
    """Put what was observed beside what is tolerated."""
    return Judgement(
        tolerance=tolerance,
        limit=limit_of(tolerance, limit),
        observed=observed.amount,
        verdict=observed.verdict,
        reason=observed.reason,
    )


def observe(
    tolerance: str, limit: float, counts: Measured, health: Sequence[Health], *, complete: bool
) -> Observed:
    """Judge one tolerance; `limit` is percent, seconds or a count, as in the steady state.

    `complete` tells that every record was accounted for: what is still pending then counts as
    never acknowledged. Raises TypeError for one that only a whole run can judge.
    """
    kind = tolerances()[tolerance]
    if issubclass(kind, HealthTolerance):
        return kind.observe(limit, health)
    if not issubclass(kind, RecordTolerance):
        raise TypeError(f"{tolerance} is judged by a whole run")
    if counts.scheduled == 0:
        return nothing_observed(kind.unit, "no_record_sent")
    return kind.observe(limit, counts, complete=complete)
