"""Tell what the fault cost each group of partitions, set off against the control group.

The effect on a group is a difference in differences: how its seconds changed from before the
fault to the time it was held, less how those of the control group changed. What hits all
partitions alike, a busy cluster or a slow probe, falls out of it. The groups are compared second by
second, so that what both had in common in a second does not count as scatter.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import log
from operator import mul

from pydantic import BaseModel, ConfigDict

from chaos_runner.analysis.interval import Change, change_of_mean
from chaos_runner.analysis.summarized_seconds import SampleColumns
from chaos_runner.measurements.exposure import GROUPS, Exposure
from chaos_runner.measurements.histogram import BINS, merge, milliseconds_of
from chaos_runner.measurements.model import Bucket
from chaos_runner.measurements.phases import BEFORE, DURING
from chaos_runner.measurements.series import MeasuredSecond
from chaos_runner.measurements.totals import together

_DIGITS = 6
"""Of a share in per cent and of a logarithm: far more than can be measured."""


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
    samples = Samples()
    for second in run:
        for part in together(second.parts):
            samples.take(part)
    return samples.effects()


class Samples:
    """What is compared: of each group each second of the two phases."""

    def __init__(self) -> None:
        self._groups: dict[Exposure, _Group] = {group: _Group() for group in GROUPS}

    def take(self, part: Bucket) -> None:
        """Take what one group came to in one second of a phase; each once."""
        group = self._groups.get(part.group)
        if group and part.scheduled and part.phase in (BEFORE, DURING):
            group.take(part)

    def columns(self) -> list[SampleColumns]:
        """Return all that was taken, for `add`."""
        return [
            group.columns(name, phase)
            for name, group in self._groups.items()
            for phase in group.availability
        ]

    def add(self, columns: SampleColumns) -> None:
        """Take what others took of some seconds."""
        if columns.group in self._groups and columns.phase in (BEFORE, DURING):
            self._groups[columns.group].add(columns)

    def effects(self) -> tuple[Effect, ...]:
        """Return the effect on each group, the control group last."""
        control = self._groups[Exposure.NONE]
        found = [
            _effect(name, group, _Group() if group is control else control)
            for name, group in self._groups.items()
            if group.availability
        ]
        return tuple(effect for effect in found if effect.availability is not None)


_Measure = dict[str, dict[int, float]]
"""What is compared of each second of each phase; those that say nothing are missing."""


class _Group:
    """One exposure group, second by second."""

    def __init__(self) -> None:
        self.availability: _Measure = {}
        self.latency: _Measure = {}
        self.is_bound = False
        """Whether records of `during` were still without an ack."""

    def take(self, part: Bucket) -> None:
        share = round(100 * part.acked / part.scheduled, _DIGITS)
        self.availability.setdefault(part.phase, {})[part.second] = share
        latency = _log_latency(part)
        if latency is not None:
            self.latency.setdefault(part.phase, {})[part.second] = round(latency, _DIGITS)
        self.is_bound |= part.phase == DURING and bool(part.ack_censored)

    def columns(self, name: Exposure, phase: str) -> SampleColumns:
        """Return what was taken of a phase; `name` is that of the group."""
        shares, latency = self.availability[phase], self.latency.get(phase, {})
        return SampleColumns.model_construct(
            None,
            group=name,
            phase=phase,
            second=[*shares],
            availability=[*shares.values()],
            latency=[*map(latency.get, shares)],
            is_bound=self.is_bound and phase == DURING,
        )

    def add(self, columns: SampleColumns) -> None:
        """Take what was taken of a phase before."""
        availability = self.availability.setdefault(columns.phase, {})
        availability.update(zip(columns.second, columns.availability, strict=True))
        self.latency.setdefault(columns.phase, {}).update(
            (second, value)
            for second, value in zip(columns.second, columns.latency, strict=True)
            if value is not None
        )
        self.is_bound |= columns.is_bound


def _effect(name: Exposure, own: _Group, control: _Group) -> Effect:
    set_off = bool(control.availability)
    return Effect(
        group=name,
        set_off=set_off,
        availability=_change(own.availability, control.availability, set_off=set_off),
        latency=_change(own.latency, control.latency, set_off=set_off),
        latency_is_bound=own.is_bound or control.is_bound,
    )


def _change(own: _Measure, control: _Measure, *, set_off: bool) -> Change | None:
    before, during = (
        [value for _, value in sorted(_compared(own, control, phase, set_off=set_off))]
        for phase in (BEFORE, DURING)
    )
    return change_of_mean(before, during)


def _compared(
    own: _Measure, control: _Measure, phase: str, *, set_off: bool
) -> Iterable[tuple[int, float]]:
    """Yield each second of a phase with its value, less that of the control group if any."""
    beside = control.get(phase, {})
    for second, value in own.get(phase, {}).items():
        if not set_off or second in beside:
            yield second, value - (beside[second] if set_off else 0.0)


def _log_latency(part: Bucket) -> float | None:
    """Return the mean logarithm of the ack latency; records without an ack count as they waited."""
    latencies = merge([part.ack, part.ack_censored]) if part.ack_censored else part.ack
    records = sum(latencies.values())
    if not records:
        return None
    total: float = sum(map(mul, latencies.values(), map(_logs().__getitem__, latencies)))
    return total / records


@cache
def _logs() -> tuple[float, ...]:
    """Return the logarithm of the latency of each bin."""
    return tuple(log(milliseconds_of(bin_index)) for bin_index in range(BINS))
