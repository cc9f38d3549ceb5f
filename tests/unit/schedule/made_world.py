"""A world for the monkey that is made up: its clock, its runs and its deaths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
from chaos_runner.operations.monkey.service import Monkey
from chaos_runner.operations.monkey.world import ReadyRun, RunResult
from chaos_runner.schedule.loaded import DueExperiment, LoadedSchedule
from chaos_runner.schedule.monkey_events import (
    Ended,
    MonkeyEvent,
    Skipped,
)

BEGIN = datetime(2027, 6, 1, tzinfo=UTC)


TEXT = """\
title: t
experiments:
  - {experiment: a.yml, cron: "0 */2 * * *"}
  - {experiment: b.yml, cron: "30 1-23/6 * * *"}
  - {experiment: c.yml, at_random: {mean: 3h}}
windows: {hours: ["00:00-20:00"]}
limits: {least_between: 10m}
"""


class DiedError(Exception):
    """Stands for a power cut."""


@dataclass
class MadeWorld:
    """A world whose clock goes as fast as it is waited for, and in which runs only count."""

    clock: datetime = BEGIN
    until: datetime = BEGIN + timedelta(days=1)
    executed: list[tuple[str, datetime]] = field(default_factory=list)
    announced: list[tuple[str, datetime]] = field(default_factory=list)
    ends_told: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    results: dict[str, RunResult] = field(default_factory=dict)
    """By experiment; held and clean where nothing stands here."""
    away: Callable[[datetime], str] = lambda _: ""
    hosts: tuple[str, ...] = ("k1",)
    groups: tuple[str, ...] = ("kafka_broker",)
    refusal: RefusedError | None = None
    no_announcements: bool = False
    closed_findings: set[str] = field(default_factory=set)
    made_findings: list[str] = field(default_factory=list)
    findings_told: list[tuple[str, str, str]] = field(default_factory=list)
    dies_in_run: int = -1

    def now(self) -> datetime:
        return self.clock

    def wait(self, seconds: float) -> None:
        assert 0 <= seconds <= 30
        self.clock += timedelta(seconds=seconds)

    def stop_reason(self) -> str:
        return "SIGTERM" if self.clock >= self.until else ""

    def kept_away(self) -> str:
        return self.away(self.clock)

    def prepare(self, experiment: DueExperiment) -> ReadyRun:
        self.clock += timedelta(seconds=20)
        if self.refusal:
            raise self.refusal
        run = f"{experiment.name}-{len(self.executed)}"

        def execute() -> RunResult:
            self.executed.append((experiment.name, self.clock))
            if len(self.executed) == self.dies_in_run:
                raise DiedError
            self.clock += timedelta(seconds=200)
            result = self.results.get(experiment.name, RunResult("", "held", 0))
            return RunResult(run, result.verdict, result.exit_code, result.outage)

        return ReadyRun(run, self.hosts, self.groups, execute)

    def result_of(self, run: str) -> RunResult:
        return RunResult(run, reasons=["the service died"])

    def is_released(self, run: str) -> bool:
        return run in self.closed_findings

    def make_finding(self, run: str) -> str:
        self.made_findings.append(run)
        return f"finding-of-{run}"

    def announce(self, experiment: DueExperiment, due: datetime) -> None:
        if self.no_announcements:
            raise UsageError("nobody answers")
        self.announced.append((experiment.name, self.clock))

    def tell_finding(self, experiment: DueExperiment, run: str, finding: str) -> None:
        self.findings_told.append((experiment.name, run, finding))

    def tell_end(self, experiment: DueExperiment, result: RunResult) -> None:
        self.ends_told.append(result.run)

    def log(self, text: str) -> None:
        self.said.append(text)


def work(loaded: LoadedSchedule, directory: Path, world: MadeWorld) -> list[MonkeyEvent]:
    journal = MonkeyJournal(directory, loaded.name)
    with journal.kept_by_one():
        Monkey(loaded, journal, world).work()
    return list(journal.events())


def told(events: list[MonkeyEvent]) -> Counter[tuple[str, datetime]]:
    """Count how often each occurrence is told to have come, or not to."""
    ended = [(each.experiment, each.due) for each in events if isinstance(each, Ended | Skipped)]
    return Counter(ended)
