"""Gather what the probe says: into the journal, and into the counts that are judged."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from itertools import takewhile
from math import ceil
from typing import TypeVar

from chaos_runner.analysis.second_summarizer import LONGEST_SILENCE, SecondSummarizer
from chaos_runner.analysis.settled_seconds import ClientSeconds, SettledSecond
from chaos_runner.journal.events import (
    Notice,
    ProbeBucket,
    ProbeHealth,
    SecondsSummarized,
    Waiting,
)
from chaos_runner.journal.journal import Journal
from chaos_runner.kafka.common.messages import (
    BucketMessage,
    HealthMessage,
    NoticeMessage,
    ProbeMessage,
    WaitingMessage,
)
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket, Health, Outage, Totals
from chaos_runner.measurements.series import MeasuredSecond, Series

Measure = TypeVar("Measure", Bucket, Health)

_LOOK_AGAIN = 0.2
"""Seconds between two looks at buckets, which the probe tells anew each second."""


class Observations:
    """The series of a run that goes on, and the health answers, in order of time."""

    def __init__(
        self, journal: Journal, zones: Collection[str] = (), look_back: float = 0.0
    ) -> None:
        """`zones` are those with a probe beside the control node's; `look_back` is for `recent`."""
        self._journal = journal
        self._of_zone = {zone: ClientSeconds() for zone in ("", *zones)} if zones else {}
        self._lock = threading.Lock()
        # A zone that was cut tells late what it measured.
        beyond = max(ceil(look_back), LONGEST_SILENCE if zones else 0)
        self._every = ClientSeconds(beyond)
        self._summarizer = SecondSummarizer()
        self._health: list[tuple[str, Health]] = []
        self._phase = "warm-up"
        self.phase_began: dict[str, float] = {}
        """When each phase began, `time.monotonic()`."""

    @property
    def phase(self) -> str:
        """Return the phase that the run is in."""
        return self._phase

    def enter_phase(self, phase: str) -> None:
        """Attribute later health answers to `phase`; buckets carry their own."""
        self._phase = phase
        self.phase_began[phase] = time.monotonic()

    def receive(self, message: ProbeMessage) -> None:
        """Take one message of the probe; called in its reading thread."""
        match message:
            case BucketMessage(bucket=bucket):
                told = self._on_run_clock(bucket)
                with self._lock:
                    self._every.series.take(bucket)
                    if bucket.zone in self._of_zone:
                        self._of_zone[bucket.zone].series.take(bucket)
                self._journal.write(ProbeBucket(bucket=told))
                with self._lock:
                    summarized = self._summarizer.take(told)
                if summarized:
                    self._journal.write(SecondsSummarized(seconds=summarized))
            case HealthMessage(health=health):
                with self._lock:
                    shared = health.sharing(self._health[-1][1]) if self._health else health
                    self._health.append((self._phase, shared))
                self._journal.write(ProbeHealth(health=self._on_run_clock(health)))
            case NoticeMessage(level=level, text=text, kind=kind, held_back=held_back):
                self._journal.write(
                    Notice(
                        level=level, source="probe", message=text, kind=kind, held_back=held_back
                    )
                )
            case WaitingMessage(what=what, matter=matter):
                self._journal.write(Waiting(what=what, matter=matter))

    def recent(self, seconds: float) -> list[MeasuredSecond]:
        """Return the last `seconds`, oldest first, the running second aside."""
        now = time.monotonic()
        with self._lock:
            return self._every.series.between(now - seconds, now - 1.0)

    @property
    def zones(self) -> tuple[str, ...]:
        """Return the zones, the control node first; nothing where it is alone."""
        return tuple(self._of_zone)

    def seconds_after(
        self, moment: float, zone: str | None = None
    ) -> list[MeasuredSecond | SettledSecond]:
        """Return the seconds that end after a moment, in order of time, of one zone or of all."""
        with self._lock:
            return self._client_seconds(zone).later_than(moment)

    def end(self) -> float:
        """Return when the newest second ends, `time.monotonic()`."""
        with self._lock:
            return self._every.series.end

    def health_of(self, phase: str, zone: str | None = None) -> list[Health]:
        """Return the health answers that came during `phase`, to one zone's probe or to all."""
        with self._lock:
            every = [health for of_phase, health in self._health if of_phase == phase]
        return [health for health in every if zone in (None, health.zone)]

    def recent_health(self, seconds: float) -> list[Health]:
        """Return what the control node was answered in the last `seconds`, oldest first."""
        since = time.monotonic() - seconds
        with self._lock:
            newest_first = takewhile(
                lambda health: health.elapsed >= since,
                (health for _, health in reversed(self._health) if not health.zone),
            )
            wanted = list(newest_first)
        return wanted[::-1]

    def totals(self, phase: str, zone: str | None = None, group: Exposure | None = None) -> Totals:
        """Return the counts of one phase as they stand, of one zone and group or of all."""
        with self._lock:
            return self._series_of(zone).totals(phase, group)

    def control_totals(self, zone: str) -> dict[str, Totals]:
        """Return phase to the counts of a zone's control group; nothing where it has none."""
        with self._lock:
            series = self._series_of(zone)
            return {
                phase: series.totals(phase, Exposure.NONE)
                for phase in series.phases
                if series.has(phase, Exposure.NONE)
            }

    def settled_totals(self, phase: str, limit: float) -> Totals:
        """Wait until no record of an ended phase is on its way, at most `limit` seconds."""
        deadline = time.monotonic() + limit
        while True:
            totals = self.totals(phase)
            if not (totals.pending or totals.not_yet_consumed) or time.monotonic() > deadline:
                return totals
            time.sleep(_LOOK_AGAIN)

    def on_run_clock(self, outage: Outage) -> Outage:
        """Return an outage with its times on the run's clock instead of the probe's."""
        began = self._journal.started
        end = None if outage.end is None else round(outage.end - began, 3)
        start = round(outage.start - began, 3)
        return outage.model_copy(update={"start": start, "end": end})

    def _series_of(self, zone: str | None) -> Series:
        return self._client_seconds(zone).series

    def _client_seconds(self, zone: str | None) -> ClientSeconds:
        return self._every if zone is None else self._of_zone[zone]

    def _on_run_clock(self, measure: Measure) -> Measure:
        elapsed = round(measure.elapsed - self._journal.started, 3)
        return measure.model_copy(update={"elapsed": elapsed})
