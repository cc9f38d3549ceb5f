"""Fold the probe's events into seconds, cluster health, and the account of all records."""

from __future__ import annotations

from collections.abc import Iterable

from chaos_runner.analysis.arrivals import Way, arrivals_of
from chaos_runner.journal.events import Event, ProbeBucket, ProbeFinished, ProbeHealth
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Health, Totals
from chaos_runner.measurements.phases import WARM_UP
from chaos_runner.measurements.series import MeasuredSecond, Series
from chaos_runner.measurements.totals import sum_counts
from chaos_runner.report.story.records import PERCENTILES, Latency, Ledger, PhaseLedger, Second


def series_of(events: Iterable[Event]) -> Series:
    """Return the seconds of a run as the journal has them."""
    return Series(event.bucket for event in events if isinstance(event, ProbeBucket))


def seconds_of(
    series: Iterable[MeasuredSecond], group: Exposure | None = None, *, final: bool
) -> tuple[Second, ...]:
    """Return one entry a second, of one exposure group or of all.

    `final` tells that no record is on its way any more.
    """
    return tuple(_second(second, group, final=final) for second in series if second.phases(group))


def health_of(events: Iterable[Event]) -> tuple[Health, ...]:
    """Return the health polls in time order."""
    polls = [event.health for event in events if isinstance(event, ProbeHealth)]
    return tuple(sorted(polls, key=lambda health: health.elapsed))


def ledger_of(events: Iterable[Event], series: Series) -> Ledger | None:
    """Return the account of all records: the probe's own, or the sum of the seconds so far.

    None when the probe never sent a record.
    """
    finished = [event for event in events if isinstance(event, ProbeFinished)]
    if finished and finished[-1].totals:
        return _final_ledger(finished[-1])
    reason = finished[-1].reason if finished else "the probe's final account is missing"
    if not series.phases:
        return None
    phases = tuple(
        phase_ledger(phase, series.totals(phase), final=False) for phase in series.phases
    )
    return _ledger(phases, drained=False, final=False, reason=reason)


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


def _second(second: MeasuredSecond, group: Exposure | None, *, final: bool) -> Second:
    totals = second.of(group)
    return Second(
        **sum_counts([totals]).model_dump(),
        second=second.number,
        elapsed=second.start,
        phases=second.phases(group),
        ack=_latency("ack", totals, final=final),
        end_to_end=_latency("end_to_end", totals, final=final),
    )


def _latency(way: Way, totals: Totals, *, final: bool) -> Latency:
    arrivals = arrivals_of(way, totals, complete=final)
    found = {name: arrivals.percentile(percent) for name, percent in PERCENTILES.items()}
    known = {name: each.milliseconds for name, each in found.items() if each and not each.never}
    bounds = tuple(name for name, each in found.items() if each and each.beyond)
    return Latency(**known, bounds=bounds)
