"""The story of a run: everything a report shows, as frozen data.

This model is also the JSON report, so its field names are public. `SCHEMA_VERSION` rises when
a field changes its meaning or goes away; new fields may come at any time. Unless a field says
otherwise, times are seconds since the run started (add them to `started`), durations seconds,
latencies milliseconds. A latency is null where nothing was measured.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from chaos_runner.analysis.run_seconds import SecondTable
from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.journal.events import RecoverySource
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Health
from chaos_runner.measurements.run_kind import RunKind
from chaos_runner.report.story.client_view import ClientView
from chaos_runner.report.story.host_view import FaultStory, HostStory, ReportedState
from chaos_runner.report.story.records import Ledger, LoadStory, Part, ZoneStory
from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.checks import CheckJudgement
from chaos_runner.verdict.judgement import Judgement, Observation, Verdict
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.safeguards import Condition

SCHEMA_VERSION = 2

Level = Literal["info", "warning", "error"]
Subject = Literal["host", "fault", "steady state", "records", "event"]


class PhaseSpan(Part):
    """When a phase ran; `end` is null for the phase in which the journal breaks off."""

    phase: str
    start: float
    end: float | None


class PhaseVerdict(Part):
    """The verdict on one phase, tolerance by tolerance."""

    phase: str
    verdict: Verdict
    judgements: tuple[Judgement, ...]
    checks: tuple[CheckJudgement, ...] = ()
    zones: dict[str, tuple[Judgement, ...]] = Field(default={})
    """The same of each zone alone, where a probe measured from several; "" is the control node."""


class CheckSpan(Part):
    """A stretch of a run in which a check failed, or an alert fired."""

    check: str
    start: float
    end: float | None
    """Null where no other answer came after it."""
    fires: bool
    """Whether it is an alert that fired; else the check failed."""


class Entry(Part):
    """One line of the chronicle; `event` is the kind of the journal's event behind it."""

    event: str
    elapsed: float
    level: Level
    host: str
    text: str
    kind: str = ""
    """What is the same in all entries of a kind."""
    reason: RunReason | None = None
    """The reason for a doubt about the run, where it is one."""
    held_back: int = 0
    """Others of its kind for which it counts, too."""

    @property
    def line(self) -> str:
        """Return the text, with how many others of its kind it counts for."""
        more = f" (and {self.held_back} more of this kind)" if self.held_back else ""
        return f"{self.text}{more}"


class Remark(Part):
    """One thing a reader should look at."""

    about: Subject
    level: Level
    text: str


class SafeguardStory(Part):
    """One safeguard that tripped, and how long it took until the first host was free."""

    safeguard: Condition
    observed: Observation | Answer
    tripped: float
    exceeded_since: float
    """When its limit began to be exceeded."""
    first_reverted: float | None
    """When the first host after it said that a fault is off; null when none did."""


class Recovery(Part):
    """One `recover` or `halt` that put hosts back which the run could not."""

    elapsed: float
    """By the wall clock, mostly after the run."""
    command: RecoverySource
    by: str
    """Who called it, on which machine."""
    reason: str
    """Why, if a reason was given."""


class ProbeStory(Part):
    """How the probe talked to Kafka; secrets were redacted before they were journalled."""

    topic: str
    rate: float
    size: int
    brokers: dict[str, str]
    placement: dict[str, list[int]]
    exposure: dict[str, Exposure]
    """Partition to what the targets of the faults mean to it."""
    profile: str
    """The client profile; empty where the probe did not start."""
    client: dict[str, str]


class RunStory(Part):
    """A whole run as its journal tells it."""

    schema_version: int = SCHEMA_VERSION
    run: str
    kind: RunKind
    title: str
    description: str
    owner: str
    tags: tuple[str, ...]
    started: datetime
    """UTC."""
    stopped: float
    """When the run's controller wrote its last line."""
    finished: bool
    """False when the control node stopped before the verdict: killed, or still running."""
    verdict: Verdict | None
    exit_code: int | None
    reasons: tuple[RunReason, ...]
    """Why the verdict is not better."""
    summary: str
    remarks: tuple[Remark, ...]
    phases: tuple[PhaseSpan, ...]
    judgements: tuple[PhaseVerdict, ...]
    check_spans: tuple[CheckSpan, ...]
    """When checks failed and alerts fired, by the moments at which they were asked."""
    ledger: Ledger | None
    zones: tuple[ZoneStory, ...]
    """What each zone measured; nothing where a probe measured from the control node alone."""
    load: LoadStory | None
    """What the load beside the probe did; null where there was none."""
    clients: ClientView | None
    """What the outage meant to clients; null when no fault was ever on, or nothing was sent."""
    faults: tuple[FaultStory, ...]
    hosts: tuple[HostStory, ...]
    control: tuple[str, ...]
    """Hosts of the targeted groups that no fault was meant for."""
    one_channel: dict[str, str]
    """Targets that Ansible alone reached, which the user accepted, and why SSH did not."""
    left_out: dict[str, str]
    """Hosts that did not answer at preflight, as `max_unreachable` allows, and why they did not."""
    blast_radius: BlastRadius | None
    """Whom the faults were expected to hurt."""
    safeguards: tuple[SafeguardStory, ...]
    """Those that tripped."""
    recoveries: tuple[Recovery, ...]
    chronicle: tuple[Entry, ...]
    seconds: SecondTable
    health: tuple[Health, ...]
    probe: ProbeStory | None
    experiment_file: str
    experiment: dict[str, object]
    steady_state: dict[str, object]
    inventory: str
    versions: dict[str, str]
    notes: tuple[str, ...]
    """What could not be read of the journal."""

    def clock(self, elapsed: float) -> datetime:
        """Return the wall-clock time (UTC) of a moment of the run."""
        return self.started + timedelta(seconds=elapsed)

    def is_over(self, elapsed: float) -> bool:
        """Tell whether a moment lies after all that the run itself wrote."""
        return elapsed > self.stopped

    @property
    def touched(self) -> tuple[HostStory, ...]:
        """Return the hosts on which a fault was, or may have been."""
        return tuple(host for host in self.hosts if host.state != "untouched")

    @property
    def hosts_state(self) -> ReportedState:
        """Return the worst state of any host."""
        states = {host.state for host in self.hosts}
        worst: tuple[ReportedState, ...] = ("dirty", "unknown", "clean")
        return next((state for state in worst if state in states), "untouched")
