"""What the live display knows: a fold of the events so far."""

from __future__ import annotations

import time

from chaos_runner.analysis.arrivals import Quantile, arrivals_of
from chaos_runner.cli.live.course import LiveCourse
from chaos_runner.cli.live.notices import LiveNotices
from chaos_runner.cli.text.output import VERDICT_COLOURS, foreign
from chaos_runner.journal.events import (
    CheckAnswered,
    Event,
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultReverted,
    HostChanged,
    HostVerified,
    Notice,
    PhaseJudged,
    PhaseStarted,
    ProbeBucket,
    RunFinished,
    SafeguardTripped,
    Waiting,
)
from chaos_runner.kafka.ledger.buckets import KEEP_SECONDS
from chaos_runner.measurements.exposure import GROUPS, Exposure
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.series import Series
from chaos_runner.planning.plan import Plan
from chaos_runner.verdict.answer import Answer
from chaos_runner.wording.checks import answer_words
from chaos_runner.wording.host_changes import host_change_words
from chaos_runner.wording.notices import notice_words
from chaos_runner.wording.safeguards import condition_words, seen_words

REMEMBER_SECONDS = 2 * KEEP_SECONDS
"""Of a second whose records all reached an end the probe says no more once it has dropped it."""
_STATE_COLOURS = {"clean": "green", "dirty": "red", "unknown": "yellow"}


class LiveState:
    """Keep phase, hosts and counts; `take` returns a line worth printing, or nothing."""

    def __init__(self, plan: Plan) -> None:
        self.title = foreign(plan.experiment.title)
        self.run = plan.identity.run
        self.phase = "preflight"
        self.phase_started = time.monotonic()
        phases = plan.experiment.phases
        self.lengths = {
            "before": phases.before,
            "during": max((fault.end for fault in plan.faults), default=0.0),
            "after": phases.after,
        }
        self.limits = {
            "warm-up": phases.warm_up,
            "recovery": phases.recovery,
            "drain": phases.drain,
        }
        self.hosts = dict.fromkeys(plan.touched, "untouched")
        self.waits_for = ""
        """What the phase waits for, or nothing."""
        self._waits_told: set[str] = set()
        self.course = LiveCourse(plan.faults)
        self.checks: dict[str, Answer] = {}
        """What each check was answered last."""
        self.notices = LiveNotices()
        self._series = Series(remember=REMEMBER_SECONDS)

    def take(self, event: Event) -> str:
        """Fold one event in; return the line a reader should see, with rich markup."""
        self.course.take(event)
        match event:
            case PhaseStarted(phase=phase):
                self.phase, self.phase_started = phase, time.monotonic()
                self.waits_for, self._waits_told = "", set()
                return f"[dim]{event.elapsed:6.1f} s[/dim]  {phase}"
            case Waiting():
                return self._wait_for(event)
            case ProbeBucket(bucket=bucket):
                self._series.take(bucket)
            case FaultApplied(host=host):
                self.hosts[host] = "fault on"
            case FaultEffect(host=host, detail=detail, seen=seen):
                self.waits_for = ""
                word = "seen" if seen else "[red]not seen[/red]"
                return f"          {foreign(host)}: effect {word}: {foreign(detail)}"
            case FaultFailed(host=host, message=message):
                self.hosts[host] = "failed"
                return f"          [red]{foreign(host)}: {foreign(message)}[/red]"
            case FaultReverted(host=host, channel=channel):
                self.hosts[host] = "fault off"
                return f"          {foreign(host)}: fault off (by {channel})"
            case HostVerified(host=host, state=state):
                self.hosts[host] = state
                return f"          {foreign(host)}: [{_STATE_COLOURS[state]}]{state}[/]"
            case HostChanged(host=host):
                said = f"{host}: {host_change_words(event)}"
                return f"          [yellow]{foreign(said)}[/yellow]"
            case CheckAnswered(check=check, answer=answer):
                return self._answered(check, answer)
            case SafeguardTripped(safeguard=safeguard, observed=observed):
                said = f"{condition_words(safeguard)} tripped: {seen_words(observed)}"
                return f"          [red]safeguard {foreign(said)}[/red]"
            case PhaseJudged(phase=phase, verdict=verdict):
                return f"          {phase}: [{VERDICT_COLOURS[verdict]}]{verdict}[/]"
            case Notice(level="warning" | "error", host=host):
                where = f"{foreign(host)}: " if host else ""
                new = self.notices.take(event)
                said = f"          [yellow]{where}{foreign(notice_words(event))}[/yellow]"
                return said if new else ""
            case RunFinished(verdict=verdict):
                return f"[bold {VERDICT_COLOURS[verdict]}]{verdict}[/]"
        return ""

    def _answered(self, check: str, answer: Answer) -> str:
        """Keep what a check was answered; what changes is printed."""
        last = self.checks.get(check)
        self.checks[check] = answer
        standing = (answer.verdict, answer.count > 0)
        if (last is None and answer.verdict == "held") or (
            last is not None and standing == (last.verdict, last.count > 0)
        ):
            return ""
        said = f"{foreign(check)}: {foreign(answer_words(answer))}"
        return f"          check [{VERDICT_COLOURS[answer.verdict]}]{said}[/]"

    def _wait_for(self, waiting: Waiting) -> str:
        """Keep what is waited for; what differs in figures alone is printed once a phase."""
        self.waits_for = waiting.what
        matter = waiting.matter or waiting.what
        new = matter not in self._waits_told
        self._waits_told.add(matter)
        said = f"{waiting.elapsed:6.1f} s    waiting for {foreign(waiting.what)}"
        return f"[dim]{said}[/dim]" if new else ""

    def count(self, name: str) -> int:
        """Return one count summed over all buckets."""
        return self._series.count(name)

    def latency_now(self) -> tuple[Quantile | None, Quantile | None]:
        """Return the end-to-end p50 and p99 of the newest second that is over."""
        newest = self._series.newest_over
        totals = newest.whole if newest else Totals()
        arrivals = arrivals_of("end_to_end", totals, complete=False)
        return arrivals.percentile(50), arrivals.percentile(99)

    def availability_now(self) -> dict[Exposure, float]:
        """Return the per cent of its records that each group has acknowledged in that second."""
        newest = self._series.newest_over
        groups = {group: newest.of(group) for group in GROUPS} if newest else {}
        return {
            group: 100 * totals.acked / totals.scheduled
            for group, totals in groups.items()
            if totals.scheduled
        }
