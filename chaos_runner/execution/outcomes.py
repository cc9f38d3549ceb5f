"""Work out, after the drain, what only the whole run can tell."""

from __future__ import annotations

from chaos_runner.analysis.effects import CONTROL
from chaos_runner.analysis.moments import Moments, Time, no_time
from chaos_runner.analysis.outages import longest_outage
from chaos_runner.analysis.times import recovery_time
from chaos_runner.analysis.windows import normal_of, windows_of
from chaos_runner.execution.observations import COUNTED_DURING, Observations
from chaos_runner.kafka.common.messages import Finished
from chaos_runner.measurements.model import Bucket, Totals
from chaos_runner.measurements.totals import add_totals
from chaos_runner.verdict.outcomes import Outcomes


def outcomes_of(observations: Observations, finished: Finished, *, clean: bool) -> Outcomes:
    """Return what is judged of the whole run; `clean` tells that every host was verified so."""
    buckets = observations.every_bucket()
    moments = _moments(observations, buckets, clean=clean)
    return Outcomes(
        recovery=_recovery(buckets, moments),
        outage=longest_outage(finished.outages, moments),
        control=_control(finished),
        complete=finished.complete,
    )


def _control(finished: Finished) -> Totals | None:
    phases = finished.groups.get(CONTROL)
    if phases is None:
        return None
    return add_totals(phases[name] for name in COUNTED_DURING if name in phases)


def _moments(observations: Observations, buckets: list[Bucket], *, clean: bool) -> Moments:
    """Return the moments on the probe's clock; an outage counts from the first touch."""
    began = observations.phase_began
    end = max((bucket.elapsed for bucket in buckets), default=0.0) + 1.0
    return Moments(
        on=began.get("inject", end),
        roll_back=began.get("roll-back"),
        verified=began.get("recovery") if clean else None,
        end=end,
    )


def _recovery(buckets: list[Bucket], moments: Moments) -> Time:
    normal = normal_of(bucket for bucket in buckets if bucket.phase == "before")
    if normal is None:
        return no_time("no_normal")
    return recovery_time(windows_of(buckets, normal), moments)
