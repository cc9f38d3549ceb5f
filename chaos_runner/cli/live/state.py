"""What the live display knows, and the lines that it prints as things happen."""

from __future__ import annotations

import time

from chaos_runner.cli.text.output import VERDICT_COLOURS, foreign
from chaos_runner.journal.events import (
    CheckAnswered,
    Event,
    FaultEffect,
    FaultFailed,
    FaultReverted,
    HostChanged,
    HostVerified,
    Notice,
    PhaseJudged,
    PhaseStarted,
    RunFinished,
    SafeguardTripped,
    Waiting,
)
from chaos_runner.live.outline import outline_of_plan
from chaos_runner.live.run_state import RunState
from chaos_runner.planning.plan import Plan
from chaos_runner.verdict.answer import Answer
from chaos_runner.wording.checks import answer_words
from chaos_runner.wording.host_changes import host_change_words
from chaos_runner.wording.notices import notice_words
from chaos_runner.wording.readings import readings_words
from chaos_runner.wording.safeguards import condition_words, seen_words

_STATE_COLOURS = {"clean": "green", "dirty": "red", "unknown": "yellow"}


class LiveState(RunState):
    """A run as a terminal shows it: `take` returns a line worth printing, or nothing."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(outline_of_plan(plan))
        self.title = foreign(plan.experiment.title)
        self.run = plan.identity.run
        self.phase_started = time.monotonic()
        self.lengths, self.limits = self.outline.lengths, self.outline.limits
        self._waits_told: set[str] = set()

    def take(self, event: Event) -> str:
        """Fold one event in; return the line a reader should see, with rich markup."""
        line = self._line_of(event)
        self.fold(event)
        return line

    def _line_of(self, event: Event) -> str:
        """Return the line for an event that is not folded in yet."""
        match event:
            case PhaseStarted(phase=phase):
                self.phase_started = time.monotonic()
                self._waits_told = set()
                return f"[dim]{event.elapsed:6.1f} s[/dim]  {phase}"
            case Waiting():
                return self._wait_for(event)
            case FaultEffect(host=host, readings=readings, seen=seen):
                word = "seen" if seen else "[red]not seen[/red]"
                return (
                    f"          {foreign(host)}: effect {word}: {foreign(readings_words(readings))}"
                )
            case FaultFailed(host=host, message=message):
                return f"          [red]{foreign(host)}: {foreign(message)}[/red]"
            case FaultReverted(host=host, channel=channel):
                return f"          {foreign(host)}: fault off (by {channel})"
            case HostVerified(host=host, state=state):
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
                said = f"          [yellow]{where}{foreign(notice_words(event))}[/yellow]"
                return said if self.notices.is_new(event) else ""
            case RunFinished(verdict=verdict):
                return f"[bold {VERDICT_COLOURS[verdict]}]{verdict}[/]"
        return ""

    def _answered(self, check: str, answer: Answer) -> str:
        """Return what a check was answered where that is not as the last time."""
        last = self.checks.get(check)
        standing = (answer.verdict, answer.count > 0)
        if (last is None and answer.verdict == "held") or (
            last is not None and standing == (last.verdict, last.count > 0)
        ):
            return ""
        said = f"{foreign(check)}: {foreign(answer_words(answer))}"
        return f"          check [{VERDICT_COLOURS[answer.verdict]}]{said}[/]"

    def _wait_for(self, waiting: Waiting) -> str:
        """Return what is waited for; what differs in figures alone is printed once a phase."""
        matter = waiting.matter or waiting.what
        new = matter not in self._waits_told
        self._waits_told.add(matter)
        said = f"{waiting.elapsed:6.1f} s    waiting for {foreign(waiting.what)}"
        return f"[dim]{said}[/dim]" if new else ""
