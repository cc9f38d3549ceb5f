"""The end of a run's measurements: every record accounted for, and each phase judged by it.

What only the whole run can tell is worked out here, once: it is judged, journaled and shown.
"""

from __future__ import annotations

from chaos_runner.analysis.moments import Moments, Time, no_time
from chaos_runner.analysis.outages import longest_outage
from chaos_runner.analysis.times import recovery_time
from chaos_runner.analysis.windows import normal_of, windows_of
from chaos_runner.errors import ProbeError
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.observations import Observations
from chaos_runner.journal.events import JUDGED_PHASES, OutcomesMeasured, ProbeFinished
from chaos_runner.kafka.common.messages import Finished
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.phases import BEFORE, counted_during, totals_to_judge
from chaos_runner.verdict.run_outcomes import Outcomes
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.zones import ZoneAccount


def drain(context: RunContext) -> None:
    """Account for every record, then judge each phase again with the whole ledger."""
    context.enter("drain")
    if not context.probe.alive:
        return
    context.doubt_lost_zones()
    try:
        finished = context.probe.finish(context.plan.experiment.phases.drain)
    except ProbeError as error:
        context.doubt("probe", RunReason(code="probe_failed", detail=error.message))
        return
    context.doubt_lost_zones()
    context.journal.write(
        ProbeFinished(
            complete=finished.complete,
            totals=finished.totals,
            groups=finished.groups,
            zones=finished.zones,
            anomalies=finished.anomalies,
            outages=[context.observations.on_run_clock(gap) for gap in finished.outages],
            reason=finished.reason,
        )
    )
    if not finished.complete:
        context.doubt("drain", RunReason(code="ledger_incomplete", detail=finished.reason))
    lost = finished.totals["warm-up"].lost if "warm-up" in finished.totals else 0
    if lost:
        context.doubt("warm-up", RunReason(code="lost_in_warm_up", count=lost))
    context.enter("verdict")
    clean = all(state == "clean" for state in context.hosts.values())
    outcomes = outcomes_of(context.observations, finished, clean=clean)
    if context.plan.faults:
        context.journal.write(
            OutcomesMeasured(
                recovery=outcomes.recovery, outage=outcomes.outage, control=outcomes.control
            )
        )
    of_zones = {
        zone: _outcomes_of_zone(context.observations, zone, finished, clean=clean)
        for zone in finished.zones
    }
    for phase in JUDGED_PHASES:
        if phase in finished.totals:
            totals = totals_to_judge(finished.totals, phase)
            zones = {
                zone: ZoneAccount(
                    totals_to_judge(finished.zones[zone], phase),
                    context.observations.health_of(phase, zone),
                    found,
                )
                for zone, found in of_zones.items()
            }
            context.judge(phase, totals, outcomes, complete=finished.complete, zones=zones)


def _outcomes_of_zone(
    observations: Observations, zone: str, finished: Finished, *, clean: bool
) -> Outcomes:
    """Return the same of one zone alone."""
    moments = _moments(observations, clean=clean)
    control = observations.control_totals(zone)
    own = [gap for gap in finished.outages if gap.zone == zone]
    return Outcomes(
        recovery=_recovery(observations, moments, zone),
        outage=longest_outage(own, moments),
        control=counted_during(control) if control else None,
        complete=finished.complete,
    )


def outcomes_of(observations: Observations, finished: Finished, *, clean: bool) -> Outcomes:
    """Return what is judged of the whole run; `clean` tells that every host was verified so."""
    moments = _moments(observations, clean=clean)
    return Outcomes(
        recovery=_recovery(observations, moments),
        outage=longest_outage(finished.outages, moments),
        control=_control(finished),
        complete=finished.complete,
    )


def _control(finished: Finished) -> Totals | None:
    phases = finished.groups.get(Exposure.NONE)
    if phases is None:
        return None
    return counted_during(phases)


def _moments(observations: Observations, *, clean: bool) -> Moments:
    """Return the moments on the probe's clock; an outage counts from the first touch."""
    began = observations.phase_began
    end = observations.end()
    return Moments(
        on=began.get("inject", end),
        roll_back=began.get("roll-back"),
        verified=began.get("recovery") if clean else None,
        end=end,
    )


def _recovery(observations: Observations, moments: Moments, zone: str | None = None) -> Time:
    normal = normal_of(observations.totals(BEFORE, zone))
    if normal is None:
        return no_time("no_normal")
    later = [] if moments.verified is None else observations.seconds_after(moments.verified, zone)
    return recovery_time(windows_of(later, normal), moments)
