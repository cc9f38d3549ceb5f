"""Fold the probe's events into seconds, cluster health, and the account of all records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chaos_runner.analysis.arrivals import Way, arrivals_of
from chaos_runner.journal.events import Event, ProbeBucket, ProbeFinished, ProbeHealth
from chaos_runner.measurements.model import Bucket, Health, Totals
from chaos_runner.measurements.totals import add_totals, sum_counts
from chaos_runner.report.story.records import PERCENTILES, Latency, Ledger, PhaseLedger, Second

WARM_UP = "warm-up"
"""Records of this phase meet a cold cluster by intention; no sum includes them."""


def last_buckets(events: Iterable[Event]) -> list[Bucket]:
    """Return the buckets in time order; of each second, phase and group the last."""
    newest = {
        (event.bucket.second, event.bucket.phase, event.bucket.group): event.bucket
        for event in events
        if isinstance(event, ProbeBucket)
    }
    return sorted(newest.values(), key=lambda bucket: (bucket.second, bucket.elapsed))


def seconds_of(buckets: Sequence[Bucket], *, final: bool) -> tuple[Second, ...]:
    """Return one entry a second; a second in which a phase changed is put together again.

    `final` tells that no record is on its way any more.
    """
    by_second: dict[int, list[Bucket]] = {}
    for bucket in buckets:
        by_second.setdefault(bucket.second, []).append(bucket)
    return tuple(_second(parts, final=final) for _, parts in sorted(by_second.items()))


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


def phase_ledger(phase: str, totals: Totals, *, final: bool) -> PhaseLedger:
    """Return what became of the records of one phase."""
    return PhaseLedger(
        **sum_counts([totals]).model_dump(),
        phase=phase,
        ack=_latency("ack", totals, final=final),
        end_to_end=_latency("end_to_end", totals, final=final),
        lost_records=tuple(totals.lost_records),
    )


def _final_ledger(finished: ProbeFinished) -> Ledger:
    phases = tuple(
        phase_ledger(phase, totals, final=True) for phase, totals in finished.totals.items()
    )
    ledger = _ledger(phases, drained=finished.complete, final=True, reason=finished.reason)
    told = "anomalies" in finished.model_fields_set
    return ledger.model_copy(update={"anomalies": finished.anomalies}) if told else ledger


def _ledger(phases: tuple[PhaseLedger, ...], *, drained: bool, final: bool, reason: str) -> Ledger:
    total = sum_counts(phase for phase in phases if phase.phase != WARM_UP)
    return Ledger(drained=drained, final=final, reason=reason, phases=phases, total=total)


def _phases_of(buckets: Sequence[Bucket]) -> tuple[PhaseLedger, ...]:
    phases: dict[str, list[Bucket]] = {}
    for bucket in buckets:
        phases.setdefault(bucket.phase, []).append(bucket)
    return tuple(
        phase_ledger(phase, add_totals(parts), final=False) for phase, parts in phases.items()
    )


def _second(parts: list[Bucket], *, final: bool) -> Second:
    totals = add_totals(parts)
    return Second(
        **sum_counts(parts).model_dump(),
        second=parts[0].second,
        elapsed=min(part.elapsed for part in parts),
        phases=tuple(dict.fromkeys(part.phase for part in parts)),
        ack=_latency("ack", totals, final=final),
        end_to_end=_latency("end_to_end", totals, final=final),
    )


def _latency(way: Way, totals: Totals, *, final: bool) -> Latency:
    arrivals = arrivals_of(way, totals, complete=final)
    found = {name: arrivals.percentile(percent) for name, percent in PERCENTILES.items()}
    known = {name: each.milliseconds for name, each in found.items() if each and not each.never}
    bounds = tuple(name for name, each in found.items() if each and each.beyond)
    return Latency(**known, bounds=bounds)
