"""Where a run is: a fold of its events so far, of which nothing costs more after a day."""

from __future__ import annotations

import math
from datetime import datetime

from chaos_runner.analysis.arrivals import Quantile, arrivals_of
from chaos_runner.journal.events import (
    CheckAnswered,
    Event,
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultReverted,
    HostVerified,
    LoadEnded,
    LoadReported,
    Notice,
    PhaseJudged,
    PhaseStarted,
    ProbeBucket,
    RunFinished,
    Waiting,
)
from chaos_runner.journal.events.base import NOT_WRITTEN
from chaos_runner.kafka.ledger.buckets import KEEP_SECONDS
from chaos_runner.live.course import LiveCourse
from chaos_runner.live.notices import LiveNotices
from chaos_runner.live.outline import RunOutline
from chaos_runner.live.safeguards import LiveSafeguards
from chaos_runner.measurements.exposure import GROUPS, Exposure
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.series import MeasuredSecond, Series
from chaos_runner.measurements.totals import add_totals
from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.judgement import Verdict
from chaos_runner.verdict.safeguards import SafeguardStanding

REMEMBER_SECONDS = 2 * KEEP_SECONDS
"""Of a second whose records all reached an end the probe says no more once it has dropped it."""


class RunState:
    """Phase, hosts, counts, checks and safeguards of a run that still goes on."""

    def __init__(self, outline: RunOutline) -> None:
        self.outline = outline
        self.phase = "preflight"
        self.phase_began = NOT_WRITTEN
        """When the phase began, by the control node's clock."""
        self.hosts = dict.fromkeys(outline.touched, "untouched")
        self.waits_for = ""
        """What the phase waits for, or nothing."""
        self.course = LiveCourse(outline.faults)
        self.checks: dict[str, Answer] = {}
        """What each check was answered last."""
        self.load: LoadReported | None = None
        """What the load beside the probe reported last; None where there is none any more."""
        self.notices = LiveNotices()
        self.safeguards = LiveSafeguards(outline.safeguards)
        self.judged: dict[str, Verdict] = {}
        """The verdict on each phase that was judged."""
        self.finished: RunFinished | None = None
        self.latest: datetime = NOT_WRITTEN
        """When the newest event was written."""
        look_back = math.ceil(self.safeguards.look_back)
        self._series = Series(remember=max(REMEMBER_SECONDS, look_back))

    def fold(self, event: Event) -> None:
        """Take one event in."""
        self.latest = event.at
        self.course.take(event)
        self.safeguards.take(event)
        match event:
            case PhaseStarted(phase=phase):
                self.phase, self.phase_began, self.waits_for = phase, event.at, ""
            case Waiting(what=what):
                self.waits_for = what
            case ProbeBucket(bucket=bucket):
                self._series.take(bucket)
            case FaultApplied(host=host):
                self.hosts[host] = "fault on"
            case FaultEffect():
                self.waits_for = ""
            case FaultFailed(host=host):
                self.hosts[host] = "failed"
            case FaultReverted(host=host):
                self.hosts[host] = "fault off"
            case HostVerified(host=host, state=state):
                self.hosts[host] = state
            case CheckAnswered(check=check, answer=answer):
                self.checks[check] = answer
            case LoadReported():
                self.load = event
            case LoadEnded():
                self.load = None
            case PhaseJudged(phase=phase, verdict=verdict):
                self.judged[phase] = verdict
            case Notice(level="warning" | "error"):
                self.notices.take(event)
            case RunFinished():
                self.finished = event

    def count(self, name: str) -> int:
        """Return one count summed over all buckets."""
        return self._series.count(name)

    def standings(self) -> list[SafeguardStanding]:
        """Return how near each safeguard is."""
        return self.safeguards.standings(self._series)

    def latency_now(self) -> tuple[Quantile | None, Quantile | None]:
        """Return the end-to-end p50 and p99 of the newest second that is over."""
        newest = self._newest
        return _percentiles(newest.whole if newest else Totals())

    def latency_of_groups(self) -> dict[Exposure, tuple[Quantile | None, Quantile | None]]:
        """Return the same for each exposure group that has records in that second."""
        return {group: _percentiles(totals) for group, totals in self._groups_now().items()}

    def availability_now(self) -> dict[Exposure, float]:
        """Return the per cent of its records that each group has acknowledged in that second."""
        return {group: _availability(totals) for group, totals in self._groups_now().items()}

    def zones_now(self) -> dict[str, Totals]:
        """Return what each zone measured in that second; nothing where there is only one.

        A zone of which nothing has come yet is missing.
        """
        parts = self._newest.parts if self._newest else ()
        zones = dict.fromkeys(part.zone for part in parts)
        if not any(zones):
            return {}
        return {zone: add_totals(each for each in parts if each.zone == zone) for zone in zones}

    def latency_of_zones(self) -> dict[str, tuple[Quantile | None, Quantile | None]]:
        """Return the end-to-end p50 and p99 of each zone in that second."""
        return {zone: _percentiles(totals) for zone, totals in self.zones_now().items()}

    def availability_of_zones(self) -> dict[str, float]:
        """Return the per cent of its records that each zone has acknowledged in that second."""
        return {
            zone: _availability(totals)
            for zone, totals in self.zones_now().items()
            if totals.scheduled
        }

    @property
    def _newest(self) -> MeasuredSecond | None:
        return self._series.newest_over

    def _groups_now(self) -> dict[Exposure, Totals]:
        newest = self._newest
        groups = {group: newest.of(group) for group in GROUPS} if newest else {}
        return {group: totals for group, totals in groups.items() if totals.scheduled}


def _availability(totals: Totals) -> float:
    return 100 * totals.acked / totals.scheduled


def _percentiles(totals: Totals) -> tuple[Quantile | None, Quantile | None]:
    arrivals = arrivals_of("end_to_end", totals, complete=False)
    return arrivals.percentile(50), arrivals.percentile(99)
