"""Tell what the fault cost each group of partitions, set off against the control group.

The effect on a group is a difference in differences: how its seconds changed from before the
fault to the time it was held, less how those of the control group changed. What hits all
partitions alike, a busy cluster or a slow probe, falls out of it. The groups are compared second by
second, so that what both had in common in a second does not count as scatter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import log

from pydantic import BaseModel, ConfigDict

from chaos_runner.analysis.interval import Change, change_of_mean
from chaos_runner.measurements.exposure import GROUPS, Exposure
from chaos_runner.measurements.histogram import merge, milliseconds_of
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.phases import BEFORE, DURING
from chaos_runner.measurements.series import MeasuredSecond
from chaos_runner.measurements.totals import add_totals

Measure = Callable[[Totals], float | None]
"""What is compared of one second of one group; None where it says nothing."""


class Effect(BaseModel):
    """How one group changed from before the fault to the time it was held."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: Exposure
    set_off: bool
    """True when the change of the control group was taken off."""
    availability: Change | None
    """Percentage points; below zero is worse."""
    latency: Change | None
    """Natural logarithm of the mean ack latency (the geometric mean): `exp` of it is a factor."""
    latency_is_bound: bool
    """True when records were still without an ack, so that the latency is more than is told."""


def effects_of(run: Iterable[MeasuredSecond]) -> tuple[Effect, ...]:
    """Return the effect on each exposed group, then the change of the control group itself.

    Empty where the seconds have no groups, or there are none of both phases.
    """
    every = list(run)
    seconds = {group: _seconds(every, group) for group in GROUPS}
    control = seconds[Exposure.NONE]
    found = [
        _effect(group, own, {} if group is Exposure.NONE else control)
        for group, own in seconds.items()
        if own
    ]
    return tuple(effect for effect in found if effect.availability is not None)


_Key = tuple[str, int]
"""A phase and a second of it."""


def _seconds(run: Iterable[MeasuredSecond], group: Exposure) -> dict[_Key, Totals]:
    return {
        (part.phase, part.second): add_totals([part])
        for second in run
        for part in second.parts
        if part.group == group and part.phase in (BEFORE, DURING) and part.scheduled
    }


def _effect(group: Exposure, own: dict[_Key, Totals], control: dict[_Key, Totals]) -> Effect:
    bound = any(
        phase == DURING and totals.ack_censored
        for seconds in (own, control)
        for (phase, _), totals in seconds.items()
    )
    return Effect(
        group=group,
        set_off=bool(control),
        availability=_change(own, control, _availability),
        latency=_change(own, control, _log_latency),
        latency_is_bound=bound,
    )


def _change(
    own: dict[_Key, Totals], control: dict[_Key, Totals], measure: Measure
) -> Change | None:
    before, during = (
        [value for _, value in sorted(_compared(own, control, measure, phase))]
        for phase in (BEFORE, DURING)
    )
    return change_of_mean(before, during)


def _compared(
    own: dict[_Key, Totals], control: dict[_Key, Totals], measure: Measure, phase: str
) -> Iterable[tuple[int, float]]:
    """Yield each second of a phase with its value, less that of the control group if any."""
    for (own_phase, second), totals in own.items():
        if own_phase != phase:
            continue
        value = measure(totals)
        if control:
            other = control.get((phase, second))
            offset = measure(other) if other else None
        else:
            offset = 0.0
        if value is not None and offset is not None:
            yield second, value - offset


def _availability(totals: Totals) -> float:
    return 100 * totals.acked / totals.scheduled


def _log_latency(totals: Totals) -> float | None:
    """Return the mean logarithm of the ack latency; records without an ack count as they waited."""
    latencies = merge([totals.ack, totals.ack_censored])
    records = sum(latencies.values())
    if not records:
        return None
    return sum(count * log(milliseconds_of(bin_)) for bin_, count in latencies.items()) / records
