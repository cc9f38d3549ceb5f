"""Fold the probe's events into seconds, cluster health, and the account of all records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chaos_runner.analysis.totals import add_totals, sum_counts
from chaos_runner.kafka.latency import merge, percentile
from chaos_runner.kafka.measures import Bucket, Health, Histogram, Totals
from chaos_runner.report.model import Latency, Ledger, PhaseLedger, Second
from chaos_runner.run.events import Event, ProbeBucket, ProbeFinished, ProbeHealth

WARM_UP = "warm-up"
"""Records of this phase meet a cold cluster by intention; no sum includes them."""


def last_buckets(events: Iterable[Event]) -> list[Bucket]:
    """Return the buckets in time order; of each second, phase and group the last one written."""
    newest = {
        (event.bucket.second, event.bucket.phase, event.bucket.group): event.bucket
        for event in events
        if isinstance(event, ProbeBucket)
    }
    return sorted(newest.values(), key=lambda bucket: (bucket.second, bucket.elapsed))


def seconds_of(buckets: Sequence[Bucket]) -> tuple[Second, ...]:
    """Return one entry a second; a second in which a phase changed is put together again."""
    by_second: dict[int, list[Bucket]] = {}
    for bucket in buckets:
        by_second.setdefault(bucket.second, []).append(bucket)
    return tuple(_second(parts) for _, parts in sorted(by_second.items()))


def health_of(events: Iterable[Event]) -> tuple[Health, ...]:
    """Return the health polls in time order."""
    polls = [event.health for event in events if isinstance(event, ProbeHealth)]
    return tuple(sorted(polls, key=lambda health: health.elapsed))


def ledger_of(events: Iterable[Event], buckets: Sequence[Bucket]) -> Ledger | None:
    """Return the account of all records: the probe's own, or the sum of the seconds so far.

    None when the probe never sent a record.
    """
    finished = [event for event in events if isinstance(event, ProbeFinished)]
    if finished and finished[-1].totals:
        return _final_ledger(finished[-1])
    reason = finished[-1].reason if finished else "the probe's final account is missing"
    if not buckets:
        return None
    return _ledger(_phases_of(buckets), drained=False, final=False, reason=reason)


def _final_ledger(finished: ProbeFinished) -> Ledger:
    phases = tuple(_phase_ledger(phase, totals) for phase, totals in finished.totals.items())
    return _ledger(phases, drained=finished.complete, final=True, reason=finished.reason)


def _ledger(phases: tuple[PhaseLedger, ...], *, drained: bool, final: bool, reason: str) -> Ledger:
    total = sum_counts(phase for phase in phases if phase.phase != WARM_UP)
    return Ledger(drained=drained, final=final, reason=reason, phases=phases, total=total)


def _phases_of(buckets: Sequence[Bucket]) -> tuple[PhaseLedger, ...]:
    phases: dict[str, list[Bucket]] = {}
    for bucket in buckets:
        phases.setdefault(bucket.phase, []).append(bucket)
    return tuple(_phase_ledger(phase, add_totals(parts)) for phase, parts in phases.items())


def _phase_ledger(phase: str, totals: Totals) -> PhaseLedger:
    return PhaseLedger(
        **sum_counts([totals]).model_dump(),
        phase=phase,
        ack=_latency(totals.ack),
        end_to_end=_latency(totals.end_to_end),
        lost_records=tuple(totals.lost_records),
    )


def _second(parts: list[Bucket]) -> Second:
    return Second(
        **sum_counts(parts).model_dump(),
        second=parts[0].second,
        elapsed=min(part.elapsed for part in parts),
        phases=tuple(part.phase for part in parts),
        ack=_latency(merge([part.ack for part in parts])),
        end_to_end=_latency(merge([part.end_to_end for part in parts])),
    )


def _latency(histogram: Histogram) -> Latency:
    return Latency(
        p50=percentile(histogram, 50),
        p99=percentile(histogram, 99),
        max=percentile(histogram, 100),
    )
