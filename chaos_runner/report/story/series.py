"""Fold the events of probe and load into seconds, health, and the account of all records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chaos_runner.analysis.latency import latency_of
from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.journal.events import (
    Event,
    LoadEnded,
    LoadReported,
    LoadStarted,
    PhaseStarted,
    ProbeFinished,
    ProbeHealth,
)
from chaos_runner.measurements.model import Health, Totals
from chaos_runner.measurements.phases import (
    BEFORE,
    COUNTED_DURING,
    DURING,
    WARM_UP,
    counted_during,
)
from chaos_runner.measurements.totals import sum_counts
from chaos_runner.report.story.records import (
    Ledger,
    LoadPhase,
    LoadStory,
    PhaseLedger,
    ZoneStory,
)


def health_of(events: Iterable[Event]) -> tuple[Health, ...]:
    """Return what the control node's probe was answered of the cluster, in time order."""
    every = [event.health for event in events if isinstance(event, ProbeHealth)]
    polls = [health for health in every if not health.zone]
    return tuple(sorted(polls, key=lambda health: health.elapsed))


def ledger_of(events: Iterable[Event], seconds: RunSeconds) -> Ledger | None:
    """Return the account of all records: the probe's own, or the sum of the seconds so far.

    None when the probe never sent a record.
    """
    finished = [event for event in events if isinstance(event, ProbeFinished)]
    if finished and finished[-1].totals:
        return _final_ledger(finished[-1])
    reason = finished[-1].reason if finished else "the probe's final account is missing"
    if not seconds.phases:
        return None
    phases = tuple(
        phase_ledger(phase, seconds.totals(phase), final=False) for phase in seconds.phases
    )
    return _ledger(phases, drained=False, final=False, reason=reason)


def zones_of(events: Iterable[Event], seconds: RunSeconds) -> tuple[ZoneStory, ...]:
    """Return what each zone measured: its probe's own account, or the sum of its seconds."""
    finished = [event for event in events if isinstance(event, ProbeFinished)]
    told = finished[-1].zones if finished else {}
    of_seconds = seconds.zones()
    found = {**told, **{zone: of_seconds[zone] for zone in of_seconds if zone not in told}}
    return tuple(
        ZoneStory(
            zone=zone,
            before=_of_zone(BEFORE, phases, final=zone in told),
            during=_of_zone(DURING, phases, final=zone in told),
            lost=counted_during(phases).lost,
        )
        for zone, phases in found.items()
    )


def _of_zone(phase: str, phases: Mapping[str, Totals], *, final: bool) -> PhaseLedger | None:
    return phase_ledger(phase, phases[phase], final=final) if phase in phases else None


def phase_ledger(phase: str, totals: Totals, *, final: bool) -> PhaseLedger:
    """Return what became of the records of one phase."""
    return PhaseLedger(
        **sum_counts([totals]).model_dump(),
        phase=phase,
        ack=latency_of("ack", totals, final=final),
        end_to_end=latency_of("end_to_end", totals, final=final),
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


def load_of(events: Iterable[Event]) -> LoadStory | None:
    """Return what the load did; None where the run had none.

    As for the probe's records, `during` begins with the first touch of a host and ends with the
    recovery.
    """
    started: LoadStarted | None = None
    ended: bool | None = None
    phase = ""
    reports: dict[str, list[LoadReported]] = {name: [] for name in (BEFORE, DURING, "after")}
    for event in events:
        match event:
            case PhaseStarted():
                phase = DURING if event.phase in COUNTED_DURING else event.phase
            case LoadStarted():
                started = event
            case LoadReported() if phase in reports:
                reports[phase].append(event)
            case LoadEnded(by_run=by_run):
                ended = by_run
    if started is None:
        return None
    return LoadStory(
        host=started.host,
        topic=started.topic,
        rate=started.rate,
        size=started.size,
        phases=tuple(_load_phase(name, found) for name, found in reports.items() if found),
        ended_by_run=ended,
    )


def _load_phase(phase: str, reports: Sequence[LoadReported]) -> LoadPhase:
    records = sum(each.records for each in reports)
    weighted = sum(each.records * each.average for each in reports)
    return LoadPhase(
        phase=phase,
        records=records,
        per_second=sum(each.per_second for each in reports) / len(reports),
        average=weighted / records if records else 0.0,
        longest=max(each.longest for each in reports),
    )
