"""Fold a journal into what the outage meant to clients, group by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

from chaos_runner.analysis.cluster_times import cluster_times
from chaos_runner.analysis.effects import Effect
from chaos_runner.analysis.moments import Moments
from chaos_runner.analysis.outages import longest_outage, outages_since
from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.analysis.times import ClientTimes, client_times
from chaos_runner.analysis.windows import normal_of, windows_of_figures
from chaos_runner.journal.events import Event, OutcomesMeasured, ProbeFinished, ProbeStarted
from chaos_runner.measurements.exposure import GROUPS, Exposure
from chaos_runner.measurements.model import Health, Outage, Totals
from chaos_runner.measurements.phases import BEFORE, DURING, counted_during
from chaos_runner.report.story.client_view import ClientView, GroupStory
from chaos_runner.report.story.host_view import FaultStory, HostStory
from chaos_runner.report.story.model import PhaseSpan
from chaos_runner.report.story.records import PhaseLedger
from chaos_runner.report.story.series import phase_ledger

UNFINISHED = 5.0
"""Seconds at the end of a journal that breaks off whose records may still have been on their
way: a healthy cluster needs far less."""


def moments_of(
    seconds: RunSeconds,
    faults: Iterable[FaultStory],
    hosts: Iterable[HostStory],
    phases: Iterable[PhaseSpan],
) -> Moments | None:
    """Return the moments that times are counted from; None when no fault was on."""
    stretches = stretches_of(faults)
    if not stretches or not len(seconds):
        return None
    began = {span.phase: span.start for span in phases}
    proved = all(host.state in ("clean", "untouched") for host in hosts)
    return Moments(
        on=stretches[0][0],
        first_off=stretches[0][1] if len(stretches) > 1 else None,
        roll_back=began.get("roll-back"),
        verified=began.get("recovery") if proved else None,
        end=seconds.end,
    )


def stretches_of(faults: Iterable[FaultStory]) -> list[tuple[float, float | None]]:
    """Return begin and end of each stretch with a fault on; None where the end was not seen."""
    stretches: list[tuple[float, float]] = []
    for on, off in sorted(
        (fault.on, inf if fault.off is None else fault.off)
        for fault in faults
        if fault.on is not None
    ):
        if stretches and on <= stretches[-1][1]:
            begin, end = stretches.pop()
            stretches.append((begin, max(end, off)))
        else:
            stretches.append((on, off))
    return [(on, None if off == inf else off) for on, off in stretches]


def client_view_of(
    events: Sequence[Event],
    seconds: RunSeconds,
    health: Sequence[Health],
    moments: Moments | None,
) -> ClientView | None:
    """Return what clients went through; None when no fault was on, or nothing was sent."""
    if moments is None:
        return None
    return _Outage(events, seconds, moments).view(health)


class _Outage:
    """What the groups of one run share."""

    def __init__(self, events: Sequence[Event], seconds: RunSeconds, moments: Moments) -> None:
        started = [event for event in events if isinstance(event, ProbeStarted)]
        finished = [event for event in events if isinstance(event, ProbeFinished)]
        self._probe = started[-1] if started else None
        self._finished = finished[-1] if finished else None
        measured = [event for event in events if isinstance(event, OutcomesMeasured)]
        self._measured = measured[-1] if measured else None
        self._seconds = seconds
        self._moments = moments
        self._until = inf if finished else moments.end - UNFINISHED

    def view(self, health: Sequence[Health]) -> ClientView:
        """Return the whole view."""
        normal = normal_of(self._seconds.totals(BEFORE))
        groups = tuple(self._groups())
        told = self._told_outages()
        return ClientView(
            baseline_p99=normal.baseline_p99 if normal else None,
            good_p99=normal.end_to_end_p99 if normal else None,
            times=self._times_of_all(),
            cluster=cluster_times(health, self._moments),
            groups=groups,
            why_no_control=_why_no_control(self._probe, groups),
            outages=None if told is None else outages_since(told, self._moments),
        )

    def _told_outages(self) -> Sequence[Outage] | None:
        """Return the outages of the whole run; None where none were measured."""
        if self._finished is None or "outages" not in self._finished.model_fields_set:
            return None
        return self._finished.outages

    def _times_of_all(self) -> ClientTimes | None:
        """Return the times over all partitions, with those that the run itself has judged."""
        times, measured = self._times(None), self._measured
        if times is None or measured is None:
            return times
        judged = {"recover": measured.recovery, "outage": measured.outage}
        return times.model_copy(update=judged)

    def _times(self, group: Exposure | None) -> ClientTimes | None:
        normal = normal_of(self._seconds.totals(BEFORE, group))
        if normal is None:
            return None
        run, own = self._seconds.of(), self._seconds.of(group)
        windows = windows_of_figures(run, own, normal, self._until)
        longest = longest_outage(self._told_outages(), self._moments, group)
        return client_times(windows, longest, self._moments)

    def _groups(self) -> Iterable[GroupStory]:
        effects = {effect.group: effect for effect in self._seconds.effects()}
        for group in GROUPS:
            if group in self._seconds.groups:
                yield self._group(group, effects.get(group))

    def _group(self, group: Exposure, effect: Effect | None) -> GroupStory:
        totals = self._totals(group)
        exposure = self._probe.exposure if self._probe else {}
        return GroupStory(
            group=group,
            partitions=tuple(name for name, each in exposure.items() if each == group),
            before=self._ledger(BEFORE, totals),
            during=self._ledger(DURING, totals),
            lost=counted_during(totals).lost,
            effect=effect,
            times=self._times(group),
            seconds=self._seconds.of(group),
        )

    def _totals(self, group: Exposure) -> dict[str, Totals]:
        """Return the group's final account, or the sum of its seconds where there is none."""
        if self._finished and group in self._finished.groups:
            return self._finished.groups[group]
        return {
            phase: self._seconds.totals(phase, group)
            for phase in self._seconds.phases
            if self._seconds.has(phase, group)
        }

    def _ledger(self, phase: str, totals: dict[str, Totals]) -> PhaseLedger | None:
        if phase not in totals:
            return None
        return phase_ledger(phase, totals[phase], final=self._finished is not None)


def _why_no_control(probe: ProbeStarted | None, groups: Sequence[GroupStory]) -> str:
    """Say why no partition was out of the fault's reach; empty when some were."""
    if any(group.group is Exposure.NONE for group in groups):
        return ""
    if probe is None or not any(probe.exposure.values()):
        return "the journal does not tell which partitions have a replica on a target"
    replicas = max(len(each) for each in probe.placement.values())
    if replicas >= len(probe.brokers):
        return (
            f"with {len(probe.brokers)} brokers and {replicas} replicas, every partition has a "
            "replica on a target; it takes more brokers than replicas"
        )
    return "the targets hold a replica of every partition; it takes fewer targets"
