"""What the monkey's service needs of the world, so that tests can stand in for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chaos_runner.schedule.loaded import DueExperiment


@dataclass(frozen=True)
class ReadyRun:
    """A run that is planned on exact hosts, and may begin."""

    run: str
    hosts: tuple[str, ...]
    groups: tuple[str, ...]
    execute: Callable[[], RunResult]
    """Execute it to its end; a signal ends it early and in order."""


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    run: str
    verdict: str = ""
    """Empty where it reached none."""
    exit_code: int | None = None
    outage: float = 0.0
    """Seconds, as the run measured it."""
    reasons: list[str] = field(default_factory=list)


class World(Protocol):
    """The clock, the fleet, and people."""

    def now(self) -> datetime:
        """Return the time in UTC."""

    def wait(self, seconds: float) -> None:
        """Wait so long, or until a signal comes."""

    def stop_reason(self) -> str:
        """Return the signal that came, or nothing."""

    def kept_away(self) -> str:
        """Return why no run may begin now: halted, or somebody else's run; empty for no reason."""

    def prepare(self, experiment: DueExperiment) -> ReadyRun:
        """Plan a run; raise ChaosRunnerError where it is refused."""

    def result_of(self, run: str) -> RunResult:
        """Return how a run ended whose service died, by its journal."""

    def is_released(self, run: str) -> bool:
        """Tell whether the finding of a run that deviated is closed."""

    def make_finding(self, run: str) -> str:
        """Write a finding of a run, or find the one there is; return its name."""

    def announce(self, experiment: DueExperiment, due: datetime) -> None:
        """Announce what comes; raise ChaosRunnerError where nobody could be told."""

    def tell_end(self, experiment: DueExperiment, result: RunResult) -> None:
        """Tell how a run ended that could not do so itself."""

    def tell_finding(self, experiment: DueExperiment, run: str, finding: str) -> None:
        """Tell whose finding a run that deviated became, and when its experiment comes again."""

    def log(self, text: str) -> None:
        """Say on one line what happens."""
