"""What the live display knows: a fold of the events so far."""

from __future__ import annotations

import time

from rich.markup import escape

from chaos_runner.kafka.latency import percentile
from chaos_runner.kafka.measures import Bucket
from chaos_runner.run.events import (
    Event,
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultReverted,
    GuardTripped,
    HostVerified,
    Notice,
    PhaseJudged,
    PhaseStarted,
    ProbeBucket,
    RunFinished,
)
from chaos_runner.run.plan import Plan

VERDICT_COLOURS = {"held": "green", "deviated": "red", "inconclusive": "yellow"}
_STATE_COLOURS = {"clean": "green", "dirty": "red", "unknown": "yellow"}


class LiveState:
    """Keep phase, hosts and counts; `take` returns a line worth printing, or nothing."""

    def __init__(self, plan: Plan) -> None:
        self.title = escape(plan.experiment.title)
        self.run = plan.identity.run
        self.phase = "preflight"
        self.phase_started = time.monotonic()
        phases = plan.experiment.phases
        self.lengths = {
            "before": phases.before,
            "during": max((fault.duration for fault in plan.faults), default=0.0),
            "after": phases.after,
        }
        self.limits = {
            "warm-up": phases.warm_up,
            "recovery": phases.recovery,
            "drain": phases.drain,
        }
        self.hosts = dict.fromkeys(plan.targets, "untouched")
        self._buckets: dict[tuple[int, str, str], Bucket] = {}

    def take(self, event: Event) -> str:
        """Fold one event in; return the line a reader should see, with rich markup."""
        match event:
            case PhaseStarted(phase=phase):
                self.phase, self.phase_started = phase, time.monotonic()
                return f"[dim]{event.elapsed:6.1f} s[/dim]  {phase}"
            case ProbeBucket(bucket=bucket):
                self._buckets[bucket.second, bucket.phase, bucket.group] = bucket
            case FaultApplied(host=host):
                self.hosts[host] = "fault on"
            case FaultEffect(host=host, detail=detail, seen=seen):
                word = "seen" if seen else "[red]not seen[/red]"
                return f"          {host}: effect {word}: {escape(detail)}"
            case FaultFailed(host=host, message=message):
                self.hosts[host] = "failed"
                return f"          [red]{host}: {escape(message)}[/red]"
            case FaultReverted(host=host, hand=hand):
                self.hosts[host] = "fault off"
                return f"          {host}: fault off (by {hand})"
            case HostVerified(host=host, state=state):
                self.hosts[host] = state
                return f"          {host}: [{_STATE_COLOURS[state]}]{state}[/]"
            case GuardTripped(guard=guard, observed=observed):
                return f"          [red]guard {escape(guard)} tripped: {escape(observed)}[/red]"
            case PhaseJudged(phase=phase, verdict=verdict):
                return f"          {phase}: [{VERDICT_COLOURS[verdict]}]{verdict}[/]"
            case Notice(level="warning" | "error", message=message, host=host):
                where = f"{host}: " if host else ""
                return f"          [yellow]{where}{escape(message)}[/yellow]"
            case RunFinished(verdict=verdict):
                return f"[bold {VERDICT_COLOURS[verdict]}]{verdict}[/]"
        return ""

    def count(self, name: str) -> int:
        """Return one count summed over all buckets."""
        return sum(getattr(bucket, name) for bucket in list(self._buckets.values()))

    def latency_now(self) -> tuple[float | None, float | None]:
        """Return the newest full second's end-to-end p50 and p99 in milliseconds."""
        full = [bucket for bucket in list(self._buckets.values())[-3:] if bucket.end_to_end]
        if not full:
            return None, None
        newest = full[-1].end_to_end
        return percentile(newest, 50), percentile(newest, 99)
