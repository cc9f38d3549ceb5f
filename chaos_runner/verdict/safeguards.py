"""Decide whether a safeguard trips: a pure function of the last while, never of a clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from chaos_runner.measurements.model import Health, Totals
from chaos_runner.measurements.series import MeasuredSecond
from chaos_runner.verdict.answer import Answer, Answered
from chaos_runner.verdict.judgement import Limit, Observation
from chaos_runner.verdict.limits import limit_of, observe
from chaos_runner.verdict.registry import tolerances
from chaos_runner.verdict.rows import Sample, exceeded_row, samples_of_answers
from chaos_runner.verdict.tolerance import HealthTolerance, RecordTolerance


class Condition(BaseModel):
    """What a safeguard watches: one tolerance, or a check."""

    model_config = ConfigDict(frozen=True)

    tolerance: str = ""
    """Empty where a check is watched."""
    limit: Limit | None = None
    check: str = ""
    """What the check asks for, in words."""
    hold: float
    """Seconds for which it must be exceeded without a break."""


class Safeguard(Protocol):
    """What says when faults end early, whoever wrote it: one limit, or one check."""

    @property
    def hold(self) -> float:
        """Return the seconds for which it must be exceeded without a break."""

    @property
    def watched_check(self) -> str:
        """Return what its check asks for, in words; empty where a tolerance is watched."""

    def limits(self) -> Mapping[str, float]:
        """Return its one tolerance, to the limit; nothing where a check is watched."""


@dataclass(frozen=True)
class Seen:
    """What was seen in the last while, oldest first, at least as far back as the safeguards look.

    `now` is the moment of looking; `answers` maps the place of a safeguard to those of its check.
    """

    now: float
    seconds: Sequence[MeasuredSecond] = ()
    health: Sequence[Health] = ()
    answers: Mapping[int, Sequence[Answered]] = field(default_factory=dict)


@dataclass(frozen=True)
class TrippedSafeguard:
    """Which safeguard ends the faults, what it saw, and since when its limit was exceeded."""

    safeguard: Condition
    observed: Observation | Answer
    since: float


@dataclass(frozen=True)
class SafeguardStanding:
    """How near a safeguard is: the newest that could be judged, and for how long it is exceeded."""

    safeguard: Condition
    observed: Observation | Answer | None = None
    """None before there was anything to judge."""
    since: float | None = None
    """Since when its limit is exceeded without a break; None while it is not."""
    exceeded_for: float = 0.0
    """Seconds; the faults end when they reach the hold time."""


def safeguard_standings(safeguards: Iterable[Safeguard], seen: Seen) -> Iterator[SafeguardStanding]:
    """Yield how near each safeguard is.

    A second (or answer) that holds breaks the row; one that cannot be judged does not. What a
    check said counts until it says something else.
    """
    for place, safeguard in enumerate(safeguards):
        samples = list(_samples(place, safeguard, seen))
        condition = condition_of(safeguard)
        judged = [sample for sample in samples if sample.verdict != "inconclusive"]
        observed = judged[-1].observed if judged else None
        if row := exceeded_row(samples):
            since = row[0].start
            yield SafeguardStanding(condition, observed, since, row[-1].end - since)
        else:
            yield SafeguardStanding(condition, observed)


def tripped_safeguard(safeguards: Iterable[Safeguard], seen: Seen) -> TrippedSafeguard | None:
    """Return the first safeguard whose limit was exceeded for its hold time without a break."""
    for each in safeguard_standings(safeguards, seen):
        if each.observed is None or each.since is None:
            continue
        if each.exceeded_for >= each.safeguard.hold:
            return TrippedSafeguard(each.safeguard, each.observed, each.since)
    return None


def condition_of(safeguard: Safeguard) -> Condition:
    """Return what a safeguard watches, as data."""
    if safeguard.watched_check:
        return Condition(check=safeguard.watched_check, hold=safeguard.hold)
    ((name, limit),) = safeguard.limits().items()
    return Condition(tolerance=name, limit=limit_of(name, limit), hold=safeguard.hold)


def look_back(safeguards: Iterable[Safeguard]) -> float:
    """Return the seconds to remember for the safeguards: a record counts when overdue."""
    needs = [
        safeguard.hold
        + max((_patience(*limit) for limit in safeguard.limits().items()), default=0.0)
        for safeguard in safeguards
    ]
    return max(needs, default=0.0) + 5.0


def _samples(place: int, safeguard: Safeguard, seen: Seen) -> Iterable[Sample]:
    if safeguard.watched_check:
        return samples_of_answers(seen.answers.get(place, ()), seen.now)
    ((name, limit),) = safeguard.limits().items()
    if issubclass(tolerances()[name], HealthTolerance):
        return _of_health(name, limit, seen.health)
    return _of_seconds(name, limit, seen.seconds)


def _of_seconds(name: str, limit: float, seconds: Sequence[MeasuredSecond]) -> Iterator[Sample]:
    newest = max((second.start for second in seconds), default=0.0)
    patience = _patience(name, limit)
    for second in seconds:
        overdue = newest - second.start >= patience
        observed = observe(name, limit, second.whole, [], complete=overdue)
        yield Sample(second.start, second.start + 1.0, observed.amount, observed.verdict)


def _of_health(name: str, limit: float, health: Sequence[Health]) -> Iterator[Sample]:
    for answer in health:
        observed = observe(name, limit, Totals(), [answer], complete=True)
        yield Sample(answer.elapsed, answer.elapsed, observed.amount, observed.verdict)


def _patience(name: str, limit: float) -> float:
    """Return the seconds for which a record may be open before it counts against a safeguard."""
    kind = tolerances()[name]
    return kind.patience(limit) if issubclass(kind, RecordTolerance) else 0.0
