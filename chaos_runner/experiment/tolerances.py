"""Judge a phase against the steady state, and a guard against the last seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chaos_runner.experiment.judgement import Judgement, Verdict, worst_verdict
from chaos_runner.experiment.latency_observation import LATENCIES
from chaos_runner.experiment.observation import Measured, observe
from chaos_runner.experiment.observed import Observed
from chaos_runner.experiment.starvation import in_doubt, starvation
from chaos_runner.experiment.steady_state import Guard, Tolerances
from chaos_runner.kafka.measures import Bucket, Health, Totals
from chaos_runner.units import format_duration, format_percentage

ACKNOWLEDGED_WITHIN = 1.0
"""Seconds after which a guard on availability counts a record that is still pending."""


@dataclass(frozen=True)
class TrippedGuard:
    """Tell which guard ends the faults, and what it saw."""

    guard: str
    """E.g. `availability at least 90% for 5s`."""
    observed: str


def judge_phase(
    steady_state: Tolerances, counts: Measured, health: Sequence[Health], *, complete: bool
) -> tuple[Verdict, list[Judgement]]:
    """Return the verdict on a phase, and a judgement for each tolerance that is set.

    `complete` tells that every record was accounted for. Without it, pending and unread
    records make a verdict inconclusive wherever they could turn it; what already exceeds a
    limit is deviated either way. Where the health answers say that the probe itself was
    starved, latencies and availability are inconclusive.
    """
    starved = starvation(health)
    judgements = [
        _judgement(
            name,
            limit,
            in_doubt(name, observe(name, limit, counts, health, complete=complete), starved),
        )
        for name, limit in steady_state.limits().items()
    ]
    return worst_verdict(judgement.verdict for judgement in judgements), judgements


def tripped_guard(
    guards: Iterable[Guard], buckets: Sequence[Bucket], health: Sequence[Health]
) -> TrippedGuard | None:
    """Return the first guard whose tolerance was exceeded for its hold time without a break.

    `buckets` are finished seconds and `health` answers of the last while, oldest first and
    at least as far back as the longest hold. A second that holds breaks the row; one that
    cannot be judged does not.
    """
    for guard in guards:
        ((name, limit),) = guard.limits().items()
        row = _exceeded_row(_samples(name, limit, buckets, health))
        if row and row[-1].end - row[0].start >= guard.hold:
            watched = f"{name} {limit_text(name, limit)} for {format_duration(guard.hold)}"
            return TrippedGuard(watched, row[-1].observed.text)
    return None


def limit_text(name: str, limit: float) -> str:
    """Return a tolerance's limit in words, e.g. `at most 250ms`."""
    if name in LATENCIES:
        return f"at most {format_duration(limit)}"
    if name == "under_replicated_partitions":
        return f"at most {limit:.0f}"
    return f"{'at least' if name == 'availability' else 'at most'} {format_percentage(limit)}"


def _judgement(name: str, limit: float, observed: Observed) -> Judgement:
    return Judgement(
        tolerance=name,
        limit=limit_text(name, limit),
        observed=observed.text,
        verdict=observed.verdict,
        reason=observed.reason,
    )


@dataclass(frozen=True)
class _Sample:
    start: float
    end: float
    observed: Observed


def _samples(
    name: str, limit: float, buckets: Sequence[Bucket], health: Sequence[Health]
) -> Iterator[_Sample]:
    """Judge every second, or every health answer, by itself."""
    if name == "under_replicated_partitions":
        for answer in health:
            observed = observe(name, limit, Totals(), [answer], complete=True)
            yield _Sample(answer.elapsed, answer.elapsed, observed)
        return
    newest = max((bucket.elapsed for bucket in buckets), default=0.0)
    patience = _patience(name, limit)
    for bucket in buckets:
        overdue = newest - bucket.elapsed >= patience
        observed = observe(name, limit, bucket, [], complete=overdue)
        yield _Sample(bucket.elapsed, bucket.elapsed + 1.0, observed)


def _patience(name: str, limit: float) -> float:
    """Return the seconds for which a record may be open before it counts against a guard."""
    return limit if name in LATENCIES else ACKNOWLEDGED_WITHIN


def _exceeded_row(samples: Iterable[_Sample]) -> list[_Sample]:
    """Return the exceeding samples since the last one that held."""
    row: list[_Sample] = []
    for sample in samples:
        if sample.observed.verdict == "held":
            row = []
        elif sample.observed.verdict == "deviated":
            row.append(sample)
    return row
