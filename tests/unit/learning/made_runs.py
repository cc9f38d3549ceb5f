"""Runs made for tests: journals of one experiment on many days, each with what it is to show."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from chaos_runner.content import content_directory
from chaos_runner.experiment.load import load_experiment
from chaos_runner.journal.events import (
    FaultApplied,
    FaultIntended,
    FaultReverted,
    HostVerified,
    PhaseJudged,
    RunFinished,
)
from chaos_runner.learning.history.facts import RunFacts
from chaos_runner.operations.history import read_facts
from chaos_runner.verdict.judgement import Judgement, Observation, Verdict
from chaos_runner.verdict.limits import judgement_of
from chaos_runner.verdict.observed import Observed
from tests.unit.report.journal_writer import (
    BEFORE,
    FAULT,
    START,
    JournalWriter,
    latency_fault,
    proof_of,
)

PHASES = {
    "preflight": 0.0,
    "warm-up": 6.0,
    "before": 10.0,
    "inject": 26.0,
    "during": 30.0,
    "roll-back": 50.0,
    "verify": 52.0,
    "recovery": 53.0,
    "after": 70.0,
    "drain": 90.0,
}


def as_journalled(example: str) -> dict[str, object]:
    """Return an example experiment as the first event of a run has it."""
    experiment = load_experiment(content_directory("examples") / example)
    return experiment.model_dump(mode="json", exclude_none=True)


@dataclass(frozen=True)
class MadeRun:
    """What one run is to show."""

    day: int
    """Days after the first."""
    lost: int = 0
    """Of 100 records a second, in one second of the fault."""
    bad_seconds: int = 0
    """For which nothing was acknowledged, from the injection on."""
    recovers_after: int = 0
    """Bad seconds after the roll-back was verified."""
    loss_limit: float = 0.0
    experiment: str = "examples/slow-broker.yml"
    kind: str = "network_latency"
    finished: bool = True
    start: dict[str, object] = field(default_factory=dict)
    """More of the first event."""
    probe: dict[str, object] = field(default_factory=dict)
    """More of how the probe started."""

    @property
    def run(self) -> str:
        """Return the run's id."""
        return f"{self.at:%Y%m%d-%H%M%S}-kmade{self.day:03}"

    @property
    def at(self) -> datetime:
        """Return when it started."""
        return START + timedelta(days=self.day)

    def content(self) -> bytes:
        """Return its journal."""
        journal = JournalWriter()
        journal.start(
            [latency_fault(kind=self.kind)],
            **{
                "run": self.run,
                "experiment_file": self.experiment,
                "experiment": as_journalled("slow-broker.yml"),
                **self.start,
            },
        )
        for phase, elapsed in PHASES.items():
            journal.phase(phase, elapsed)
            if phase == "warm-up":
                journal.probe_started(elapsed, **self.probe)
        self._seconds(journal)
        journal.add(FaultIntended, 29.0, fault=FAULT, host="kafka-4")
        journal.add(FaultApplied, 30.0, fault=FAULT, host="kafka-4", lease=15, fingerprint=BEFORE)
        journal.add(FaultReverted, 51.0, fault=FAULT, host="kafka-4", channel="ansible", clean=True)
        journal.add(HostVerified, 52.5, host="kafka-4", state="clean", proofs=[proof_of(BEFORE)])
        if self.finished:
            self._end(journal)
        return self._moved(journal.content)

    def write(self, runs: Path) -> Path:
        """Write its journal into a directory of runs, and return the file."""
        directory = runs / self.run
        directory.mkdir(parents=True)
        file = directory / "journal.jsonl"
        file.write_bytes(self.content())
        return file

    def facts(self, directory: Path) -> RunFacts:
        """Return its facts, by way of a journal in a directory."""
        return read_facts(self.write(directory))

    def _seconds(self, journal: JournalWriter) -> None:
        for elapsed in range(10, 90):
            phase = [name for name, start in PHASES.items() if start <= elapsed][-1]
            counts: dict[str, int] = {}
            if elapsed == 45 and self.lost:
                counts = {"lost": self.lost}
            if 30 <= elapsed < 30 + self.bad_seconds or 53 <= elapsed < 53 + self.recovers_after:
                counts = {"indeterminate": 100}
            journal.second(elapsed - 10, phase, float(elapsed), **counts)
            journal.health(elapsed + 0.4)

    def _end(self, journal: JournalWriter) -> None:
        share = 100 * self.lost / 8000
        verdict: Verdict = "deviated" if share > self.loss_limit else "held"
        for phase, elapsed in (("before", 26.0), ("during", 70.0), ("after", 90.0)):
            own: Verdict = verdict if phase == "during" else "held"
            judged = self._loss(share if phase == "during" else 0.0, own)
            journal.add(
                PhaseJudged, elapsed, phase=phase, verdict=own, judgements=[judged.model_dump()]
            )
        journal.probe_finished(92.0)
        journal.phase("verdict", 92.1)
        code = 1 if verdict == "deviated" else 0
        journal.add(RunFinished, 92.2, verdict=verdict, exit_code=code)

    def _loss(self, share: float, verdict: Verdict) -> Judgement:
        seen = Observation(value=share, unit="percent")
        return judgement_of("loss", self.loss_limit, Observed(seen, verdict))

    def _moved(self, content: bytes) -> bytes:
        """Return a journal with every moment on the run's own day."""
        lines = []
        for line in content.splitlines():
            event = json.loads(line)
            at = datetime.fromisoformat(event["at"]) + timedelta(days=self.day)
            lines.append(json.dumps({**event, "at": at.isoformat()}))
        return "\n".join([*lines, ""]).encode()
