"""Decide whether a safeguard trips: a pure function of the last while, never of a clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.experiment.steady_state import Safeguard
from chaos_runner.measurements.model import Bucket, Health, Totals
from chaos_runner.verdict.health_observation import HEALTH_TOLERANCES
from chaos_runner.verdict.judgement import Limit, Observation, Verdict
from chaos_runner.verdict.latency_observation import LATENCIES
from chaos_runner.verdict.limits import limit_of
from chaos_runner.verdict.per_second import whole_seconds
from chaos_runner.verdict.record_shares import observe

ACKNOWLEDGED_WITHIN = 1.0
"""Seconds after which a safeguard on availability counts a record that is still pending."""


class Condition(BaseModel):
    """What a safeguard watches: one tolerance, or a command."""

    model_config = ConfigDict(frozen=True)

    tolerance: str = ""
    """Empty where a command is watched."""
    limit: Limit | None = None
    command: list[str] = []
    hold: float
    """Seconds for which it must be exceeded without a break."""


class CommandEnding(BaseModel):
    """How a safeguard's command ended, and what it said last."""

    model_config = ConfigDict(frozen=True)

    how: Literal["exit", "signal", "timeout", "not_started"]
    code: int = 0
    """The exit code, or the number of the signal."""
    timeout: float = 0.0
    """Seconds that it may take; of `timeout` alone."""
    output: str = ""
    """The last line of its output that says anything, or why it could not be started."""

    @property
    def succeeded(self) -> bool:
        """Tell whether it ended with exit code 0."""
        return self.how == "exit" and self.code == 0


@dataclass(frozen=True)
class CommandResult:
    """When a safeguard's command ended, on the monotonic clock, and how."""

    ended: float
    ending: CommandEnding


@dataclass(frozen=True)
class Seen:
    """What was seen in the last while, oldest first, at least as far back as the safeguards look.

    `now` is the moment of looking; `commands` maps the place of a safeguard to the results of its
    command.
    """

    now: float
    buckets: Sequence[Bucket] = ()
    health: Sequence[Health] = ()
    commands: Mapping[int, Sequence[CommandResult]] = field(default_factory=dict)


@dataclass(frozen=True)
class TrippedSafeguard:
    """Which safeguard ends the faults, what it saw, and since when its limit was exceeded."""

    safeguard: Condition
    observed: Observation | CommandEnding
    since: float


def tripped_safeguard(safeguards: Iterable[Safeguard], seen: Seen) -> TrippedSafeguard | None:
    """Return the first safeguard whose limit was exceeded for its hold time without a break.

    A second (or answer) that holds breaks the row; one that cannot be judged does not. What a
    command said counts until it says something else.
    """
    seconds = whole_seconds(seen.buckets)
    for place, safeguard in enumerate(safeguards):
        row = _exceeded_row(_samples(place, safeguard, seconds, seen))
        if row and row[-1].end - row[0].start >= safeguard.hold:
            return TrippedSafeguard(condition_of(safeguard), row[-1].observed, row[0].start)
    return None


def condition_of(safeguard: Safeguard) -> Condition:
    """Return what a safeguard watches, as data."""
    if safeguard.command is not None:
        return Condition(command=safeguard.command, hold=safeguard.hold)
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


@dataclass(frozen=True)
class _Sample:
    start: float
    end: float
    observed: Observation | CommandEnding
    verdict: Verdict


def _samples(
    place: int, safeguard: Safeguard, seconds: Sequence[Bucket], seen: Seen
) -> Iterator[_Sample]:
    if safeguard.command is not None:
        return _of_commands(seen.commands.get(place, ()), seen.now)
    ((name, limit),) = safeguard.limits().items()
    if name in HEALTH_TOLERANCES:
        return _of_health(name, limit, seen.health)
    return _of_seconds(name, limit, seconds)


def _of_seconds(name: str, limit: float, seconds: Sequence[Bucket]) -> Iterator[_Sample]:
    newest = max((bucket.elapsed for bucket in seconds), default=0.0)
    patience = _patience(name, limit)
    for bucket in seconds:
        overdue = newest - bucket.elapsed >= patience
        observed = observe(name, limit, bucket, [], complete=overdue)
        yield _Sample(bucket.elapsed, bucket.elapsed + 1.0, observed.amount, observed.verdict)


def _of_health(name: str, limit: float, health: Sequence[Health]) -> Iterator[_Sample]:
    for answer in health:
        observed = observe(name, limit, Totals(), [answer], complete=True)
        yield _Sample(answer.elapsed, answer.elapsed, observed.amount, observed.verdict)


def _of_commands(results: Sequence[CommandResult], now: float) -> Iterator[_Sample]:
    ends = [*(result.ended for result in results[1:]), now]
    for result, end in zip(results, ends, strict=False):
        verdict: Verdict = "held" if result.ending.succeeded else "deviated"
        yield _Sample(result.ended, end, result.ending, verdict)


def _patience(name: str, limit: float) -> float:
    """Return the seconds for which a record may be open before it counts against a safeguard."""
    if name in HEALTH_TOLERANCES:
        return 0.0
    return limit if name in LATENCIES else ACKNOWLEDGED_WITHIN


def _exceeded_row(samples: Iterable[_Sample]) -> list[_Sample]:
    """Return the exceeding samples since the last one that held."""
    row: list[_Sample] = []
    for sample in samples:
        if sample.verdict == "held":
            row = []
        elif sample.verdict == "deviated":
            row.append(sample)
    return row
