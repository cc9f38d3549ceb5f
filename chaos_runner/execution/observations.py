"""Gather what the probe says: into the journal, and into the counts that are judged."""

from __future__ import annotations

import threading
import time
from itertools import takewhile
from typing import TypeVar

from chaos_runner.journal.events import Notice, ProbeBucket, ProbeHealth, Waiting
from chaos_runner.journal.journal import Journal
from chaos_runner.kafka.common.messages import (
    BucketMessage,
    HealthMessage,
    NoticeMessage,
    ProbeMessage,
    WaitingMessage,
)
from chaos_runner.measurements.model import Bucket, Health, Outage, Totals
from chaos_runner.measurements.totals import add_totals

Measure = TypeVar("Measure", Bucket, Health)

_LOOK_AGAIN = 0.2
"""Seconds between two looks at buckets, which the probe tells anew each second."""

_LATE_FIRST_TELLING = 30.0
"""Seconds by which a bucket may be told later than younger ones; beyond, nobody looks for it."""

COUNTED_DURING = ("inject", "during", "roll-back", "verify", "recovery")
"""Records of these phases count for `during`: what the fault did to them is the fault's."""


class Observations:
    """The newest state of every bucket and the health answers, in order of time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._buckets: dict[tuple[int, str, str], Bucket] = {}
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
                with self._lock:
                    self._buckets[bucket.second, bucket.phase, bucket.group] = bucket
                self._journal.write(ProbeBucket(bucket=self._on_run_clock(bucket)))
            case HealthMessage(health=health):
                with self._lock:
                    self._health.append((self._phase, health))
                self._journal.write(ProbeHealth(health=self._on_run_clock(health)))
            case NoticeMessage(level=level, text=text, kind=kind, held_back=held_back):
                self._journal.write(
                    Notice(
                        level=level, source="probe", message=text, kind=kind, held_back=held_back
                    )
                )
            case WaitingMessage(what=what, matter=matter):
                self._journal.write(Waiting(what=what, matter=matter))

    def recent(self, seconds: float) -> list[Bucket]:
        """Return the buckets of the last `seconds`, oldest first, the running second aside."""
        now = time.monotonic()
        with self._lock:
            newest_first = takewhile(
                lambda bucket: bucket.elapsed >= now - seconds - _LATE_FIRST_TELLING,
                reversed(self._buckets.values()),
            )
            wanted = [each for each in newest_first if now - seconds <= each.elapsed <= now - 1.0]
        return wanted[::-1]

    def every_bucket(self) -> list[Bucket]:
        """Return the newest state of every bucket, in order of time."""
        with self._lock:
            buckets = list(self._buckets.values())
        return sorted(buckets, key=lambda bucket: (bucket.second, bucket.elapsed))

    def health_of(self, phase: str) -> list[Health]:
        """Return the health answers that came during `phase`."""
        with self._lock:
            return [health for of_phase, health in self._health if of_phase == phase]

    def recent_health(self, seconds: float) -> list[Health]:
        """Return the health answers of the last `seconds`, oldest first."""
        since = time.monotonic() - seconds
        with self._lock:
            newest_first = takewhile(
                lambda health: health.elapsed >= since,
                (health for _, health in reversed(self._health)),
            )
            wanted = list(newest_first)
        return wanted[::-1]

    def totals_so_far(self, phase: str) -> Totals:
        """Return the counts of one phase as they stand, before any drain."""
        with self._lock:
            buckets = [bucket for bucket in self._buckets.values() if bucket.phase == phase]
        return add_totals(buckets)

    def settled_totals(self, phase: str, limit: float) -> Totals:
        """Wait until no record of an ended phase is on its way, at most `limit` seconds."""
        deadline = time.monotonic() + limit
        while True:
            totals = self.totals_so_far(phase)
            if not (totals.pending or totals.unseen) or time.monotonic() > deadline:
                return totals
            time.sleep(_LOOK_AGAIN)

    def on_run_clock(self, outage: Outage) -> Outage:
        """Return an outage with its times on the run's clock instead of the probe's."""
        began = self._journal.started
        end = None if outage.end is None else round(outage.end - began, 3)
        start = round(outage.start - began, 3)
        return outage.model_copy(update={"start": start, "end": end})

    def _on_run_clock(self, measure: Measure) -> Measure:
        elapsed = round(measure.elapsed - self._journal.started, 3)
        return measure.model_copy(update={"elapsed": elapsed})


def totals_to_judge(totals: dict[str, Totals], phase: str) -> Totals:
    """Return what a judged phase answers for.

    `before` and `after` answer for their own records. `during` answers for every record from
    the first touch of a host to the end of the recovery, so that none falls between two
    phases; its latencies are those of the fault itself, not of the roll-back around it.
    """
    if phase != "during":
        return totals.get(phase, Totals())
    every = add_totals(totals[name] for name in COUNTED_DURING if name in totals)
    held = totals.get("during", Totals())
    return every.model_copy(update={"ack": held.ack, "end_to_end": held.end_to_end})
