"""What a run without faults measured: figures of its phase `before`, from the journal alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chaos_runner.analysis.arrivals import arrivals_of
from chaos_runner.journal.contents import ReadJournal
from chaos_runner.journal.events import (
    Event,
    PhaseJudged,
    PhaseStarted,
    ProbeFinished,
    ProbeHealth,
    RunFinished,
)
from chaos_runner.measurements.model import Health, Totals
from chaos_runner.verdict.checks import CheckJudgement
from chaos_runner.verdict.judgement import Judgement
from chaos_runner.verdict.registry import latencies
from chaos_runner.verdict.short_of_cpu import short_of_cpu
from chaos_runner.wording.reasons import reason_words
from chaos_runner.wording.run_reasons import run_reason_words

FEWEST_RECORDS = 1000
"""With fewer, p99 rests on fewer than ten records."""


@dataclass(frozen=True)
class Measured:
    """What was measured, and what stands against calling it normal."""

    totals: Totals
    latencies: dict[str, float | None]
    """Tolerance, e.g. `ack_p99`, to milliseconds; None where it falls among records that never
    arrived."""
    health: tuple[Health, ...]
    judgements: tuple[Judgement, ...]
    doubts: tuple[str, ...]
    """Why these figures are not the normal of this cluster; empty when they are."""
    checks: tuple[CheckJudgement, ...] = ()

    @property
    def under_replicated(self) -> int | None:
        """Return the most partitions that any answer showed; None without an answer."""
        return max((each.under_replicated for each in self.health if each.answered), default=None)

    @property
    def availability(self) -> float:
        """Return the percent of the records due that were acknowledged."""
        return _percent(self.totals.acked, self.totals.scheduled)

    @property
    def loss(self) -> float:
        """Return the percent of the acknowledged records that are lost."""
        return _percent(self.totals.lost, self.totals.acked)

    @property
    def duplicates(self) -> float:
        """Return extra readings in percent of the records read."""
        return _percent(self.totals.duplicates, self.totals.consumed)


def measured_in(journal: ReadJournal) -> Measured:
    """Return what a run measured before any fault, and every reason to doubt it."""
    finished = [event for event in journal.events if isinstance(event, ProbeFinished)]
    totals = finished[-1].totals.get("before", Totals()) if finished else Totals()
    health = _health_before(journal.events)
    judged = [
        event
        for event in journal.events
        if isinstance(event, PhaseJudged) and event.phase == "before"
    ]
    return Measured(
        totals=totals,
        latencies={name: _latency(name, totals) for name in latencies()},
        health=tuple(health),
        judgements=tuple(judged[-1].judgements) if judged else (),
        checks=tuple(judged[-1].checks) if judged else (),
        doubts=tuple(_doubts(journal.events, totals, health)),
    )


def _latency(tolerance: str, totals: Totals) -> float | None:
    kind = latencies()[tolerance]
    found = arrivals_of(kind.way, totals, complete=True).percentile(kind.percent)
    return None if found is None or found.beyond else found.milliseconds


def _health_before(events: Iterable[Event]) -> list[Health]:
    phase, health = "", []
    for event in events:
        if isinstance(event, PhaseStarted):
            phase = event.phase
        elif isinstance(event, ProbeHealth) and phase == "before" and not event.health.zone:
            health.append(event.health)
    return health


def _doubts(events: Sequence[Event], totals: Totals, health: Sequence[Health]) -> Iterator[str]:
    ended = [event for event in events if isinstance(event, RunFinished)]
    if not ended:
        yield "the run did not come to its end"
    elif ended[-1].verdict == "inconclusive":
        yield from map(run_reason_words, ended[-1].reasons)
    if totals.scheduled < FEWEST_RECORDS:
        yield f"{totals.scheduled} records are too few; {FEWEST_RECORDS} are needed for a p99"
    if totals.lost:
        yield f"{totals.lost} acknowledged records were lost without any fault"
    if any(answer.under_replicated or answer.offline for answer in health):
        yield "partitions were under-replicated or offline"
    silent = sum(not answer.answered for answer in health)
    if silent or not health:
        yield f"the cluster did not answer {silent} of {len(health)} questions about its health"
    if short := short_of_cpu(health):
        yield reason_words(short)


def _percent(count: int, whole: int) -> float:
    return 100 * count / whole if whole else 0.0
